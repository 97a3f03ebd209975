{#-
    The e-mail address by which a person is known again: case and surrounding blanks do not matter, empty is missing. Blanks are Unicode's
    white space, and what is pasted along unseen: the zero-width space, the word joiner and the byte order mark.
-#}
{% macro normalized_email(column) -%}
    {{ return("nullif(lower(btrim(" ~ column ~ ", E' \\t\\n\\x0b\\f\\r\\u0085\\u00a0\\u1680"
        ~ "\\u2000\\u2001\\u2002\\u2003\\u2004\\u2005\\u2006\\u2007\\u2008\\u2009\\u200a\\u200b"
        ~ "\\u2028\\u2029\\u202f\\u205f\\u2060\\u3000\\ufeff')), '')") }}
{%- endmacro %}
