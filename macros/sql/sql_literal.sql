{#- The one way a value becomes SQL. Numbers, dates and times are checked against their form, text is quoted; anything else is refused. -#}
{% macro sql_literal(value, type) -%}
    {{ return(sql_literals([value], type)[0]) }}
{%- endmacro %}


{#- Values of one type as a list of SQL literals. A list can have thousands, and a call of a macro costs more than all that is done here. -#}
{% macro sql_literals(values, type) -%}
    {{ return(adapter.dispatch('sql_literals', 'maho_segments')(values, type)) }}
{%- endmacro %}

{% macro default__sql_literals(values, type) -%}
    {%- set kind = 'number' if type in ('money', 'days') else type -%}
    {%- if kind not in ('number', 'boolean', 'date', 'time', 'text') -%}
        {{ exceptions.raise_compiler_error(
            "A literal must be of type number, money, days, boolean, date, time or text. Got: " ~ type
        ) }}
    {%- endif -%}
    {%- set form = {
        'number': '^[+-]?[0-9]+([.][0-9]+)?([eE][+-]?[0-9]+)?$',
        'date': '^[0-9]{4}-[0-9]{2}-[0-9]{2}$',
        'time': '^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?([+]00:00|[+]00|Z)$',
    }.get(kind) -%}
    {%- set literals = [] -%}
    {%- for value in values -%}
        {%- set text = value | string -%}
        {%- if value is none -%}
            {%- do literals.append('null') -%}
        {%- elif value is undefined -%}
            {#- As text it would be empty text, and a rule that compares with that answers something else. -#}
            {{ exceptions.raise_compiler_error(
                "A literal of type " ~ type ~ " has no value. Is the argument of a condition missing, or is its name misspelt?"
            ) }}
        {%- elif form and not modules.re.match(form, text) -%}
            {{ exceptions.raise_compiler_error("A literal of type " ~ type ~ " must look like " ~ form ~ ". Got: " ~ value) }}
        {%- elif kind == 'number' -%}
            {#- Parenthesised: `- -1` would start a comment. -#}
            {%- do literals.append('(' ~ text ~ ')' if text.startswith('-') else text) -%}
        {%- elif kind == 'boolean' -%}
            {%- do literals.append('true' if value is sameas true or value == 'true' else 'false') -%}
        {%- elif kind == 'date' -%}
            {%- do literals.append("date '" ~ text ~ "'") -%}
        {%- elif kind == 'time' -%}
            {%- do literals.append("timestamptz '" ~ text.replace('T', ' ').replace('Z', '+00') ~ "'") -%}
        {%- elif text == '' or text.splitlines() == [text] -%}
            {%- do literals.append("'" ~ text.replace("'", "''") ~ "'") -%}
        {%- else -%}
            {%- do literals.append(quoted_lines(text)) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(literals) }}
{%- endmacro %}


{#-
    Text of several lines between quotes, on one line: the filter `indent`, which lays out the compiled SQL, would write blanks into a value
    that has a line break (it breaks at all that Python takes for one).
-#}
{% macro quoted_lines(text) -%}
    {%- set breaks = {
        '\n': '\\n', '\r': '\\r', '\x0b': '\\x0B', '\x0c': '\\f', '\x1c': '\\x1C', '\x1d': '\\x1D', '\x1e': '\\x1E',
        '\x85': '\\u0085', '\u2028': '\\u2028', '\u2029': '\\u2029',
    } -%}
    {%- set state = namespace(text=text.replace('\\', '\\\\').replace("'", "''")) -%}
    {%- for character, escape in breaks.items() -%}
        {%- set state.text = state.text.replace(character, escape) -%}
    {%- endfor -%}
    {{ return("E'" ~ state.text ~ "'") }}
{%- endmacro %}


{#- An array of literals of one type. -#}
{% macro sql_array(values, type) -%}
    {{ return("array[" ~ sql_literals(values, type) | join(', ') ~ "]::" ~ ('text' if type == 'text' else 'numeric') ~ "[]") }}
{%- endmacro %}
