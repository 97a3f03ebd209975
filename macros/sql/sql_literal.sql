{#- The one way a value becomes SQL. Numbers, dates and times are checked against their form, text is quoted; anything else is refused. -#}
{% macro sql_literal(value, type) -%}
    {{ return(adapter.dispatch('sql_literal', 'maho_segments')(value, type)) }}
{%- endmacro %}

{% macro default__sql_literal(value, type) -%}
    {%- set forms = {
        'number': '^[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$',
        'date': '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
        'time': '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?([+]00:00|[+]00|Z)$',
    } -%}
    {%- set kind = 'number' if type in ('money', 'days') else type -%}
    {%- if value is none -%}
        {{ return('null') }}
    {%- elif kind in forms and not modules.re.match(forms[kind], value | string) -%}
        {{ exceptions.raise_compiler_error(
            "A literal of type " ~ type ~ " must look like " ~ forms[kind] ~ ". Got: " ~ value
        ) }}
    {%- elif kind == 'number' -%}
        {#- Parenthesised: `- -1` would start a comment. -#}
        {{ return('(' ~ value ~ ')' if (value | string).startswith('-') else value | string) }}
    {%- elif kind == 'boolean' -%}
        {{ return('true' if value is sameas true or value == 'true' else 'false') }}
    {%- elif kind == 'date' -%}
        {{ return("date '" ~ value ~ "'") }}
    {%- elif kind == 'time' -%}
        {{ return("timestamptz '" ~ (value | string).replace('T', ' ').replace('Z', '+00') ~ "'") }}
    {%- elif kind == 'text' -%}
        {{ return(quoted_text(value | string)) }}
    {%- else -%}
        {{ exceptions.raise_compiler_error(
            "A literal must be of type number, money, days, boolean, date, time or text. Got: " ~ type
        ) }}
    {%- endif -%}
{%- endmacro %}


{#-
    Text between quotes, on one line whatever it holds: the filter `indent`, which lays out the compiled SQL, would write blanks into a
    value that has a line break (it breaks at all that Python takes for one).
-#}
{% macro quoted_text(text) -%}
    {%- set breaks = {
        '\n': '\\n', '\r': '\\r', '\x0b': '\\x0B', '\x0c': '\\f', '\x1c': '\\x1C', '\x1d': '\\x1D', '\x1e': '\\x1E',
        '\x85': '\\u0085', '\u2028': '\\u2028', '\u2029': '\\u2029',
    } -%}
    {%- if text == '' or text.splitlines() == [text] -%}
        {{ return("'" ~ text.replace("'", "''") ~ "'") }}
    {%- endif -%}
    {%- set state = namespace(text=text.replace('\\', '\\\\').replace("'", "''")) -%}
    {%- for character, escape in breaks.items() -%}
        {%- set state.text = state.text.replace(character, escape) -%}
    {%- endfor -%}
    {{ return("E'" ~ state.text ~ "'") }}
{%- endmacro %}


{#- An array of literals of one type. -#}
{% macro sql_array(values, type) -%}
    {%- set items = [] -%}
    {%- for value in values -%}{%- do items.append(sql_literal(value, type)) -%}{%- endfor -%}
    {%- set element = 'text' if type == 'text' else 'numeric' -%}
    {{ return("array[" ~ items | join(', ') ~ "]::" ~ element ~ "[]") }}
{%- endmacro %}
