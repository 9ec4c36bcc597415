using System.Collections.Frozen;
using System.Collections.Immutable;

namespace Orchestrator.Core.Expressions;

/// <summary>Every function of the expression language. Help and documentation are made from this list, and a test runs its examples.</summary>
public static class ExpressionFunctions
{
    private const int Any = int.MaxValue;

    /// <summary>All functions, texts first, then lists, numbers, JSON and the rest.</summary>
    public static ImmutableArray<ExpressionFunction> All { get; } =
    [
        F("contains", "contains(x, y)", "Whether text x holds text y, list x the element y, or object x a member named y.", "contains('a,b', ',')", "true", 2, 2, ListFunctions.Contains),
        F("starts_with", "starts_with(text, start)", "Whether a text begins with another.", "starts_with('eu-west', 'eu')", "true", 2, 2, TextFunctions.StartsWith),
        F("ends_with", "ends_with(text, end)", "Whether a text ends with another.", "ends_with('data.csv', '.csv')", "true", 2, 2, TextFunctions.EndsWith),
        F("matches", "matches(text, pattern)", "Whether a regular expression is found in a text; ^ and $ anchor it to the ends. No back-references or look-around.", @"matches('run-17', '^run-\\d+$')", "true", 2, 2, PatternFunctions.Matches),
        F("upper", "upper(text)", "The text in capitals.", "upper('eu')", "\"EU\"", 1, 1, TextFunctions.Upper),
        F("lower", "lower(text)", "The text in small letters.", "lower('EU')", "\"eu\"", 1, 1, TextFunctions.Lower),
        F("trim", "trim(text)", "The text without white space at its ends.", "trim('  eu ')", "\"eu\"", 1, 1, TextFunctions.Trim),
        F("replace", "replace(text, old, new)", "The text with every occurrence of old replaced.", "replace('a/b/c', '/', '-')", "\"a-b-c\"", 3, 3, TextFunctions.Replace),
        F("format", "format(pattern, x...)", "The pattern with {0}, {1} and so on replaced by the values that follow; {{ and }} are braces.", "format('{0}-{1}', 'eu', 7)", "\"eu-7\"", 1, Any, TextFunctions.Format),
        F("split", "split(text, separator)", "The parts of a text between separators.", "split('a,b', ',')", "[\"a\",\"b\"]", 2, 2, TextFunctions.Split),
        F("join", "join(list, separator)", "The elements of a list as one text.", "join(['a', 'b', 3], '-')", "\"a-b-3\"", 2, 2, ListFunctions.Join),
        F("url_encode", "url_encode(x)", "The value as text, percent-encoded for any part of an address.", "url_encode('a b/c&d')", "\"a%20b%2Fc%26d\"", 1, 1, TextFunctions.UrlEncode),
        F("length", "length(x)", "Characters of a text, elements of a list or members of an object.", "length([1, 2, 3])", "3", 1, 1, ListFunctions.Length),
        F("number", "number(x)", "The number a text spells, or the number itself.", "number('42') + 1", "43", 1, 1, NumberFunctions.Number),
        F("string", "string(x)", "The value as text: lists and objects as JSON, null as an empty text.", "string(42)", "\"42\"", 1, 1, TextFunctions.String),
        F("min", "min(x, y...)", "The smallest of numbers, given one by one or as a list.", "min(3, 1, 2)", "1", 1, Any, NumberFunctions.Min),
        F("max", "max(x, y...)", "The largest of numbers, given one by one or as a list.", "max([3, 1, 2])", "3", 1, Any, NumberFunctions.Max),
        F("floor", "floor(x)", "The next whole number below.", "floor(2.7)", "2", 1, 1, NumberFunctions.Floor),
        F("ceil", "ceil(x)", "The next whole number above.", "ceil(2.1)", "3", 1, 1, NumberFunctions.Ceil),
        F("round", "round(x[, digits])", "The nearest number of that many decimals (none by default); halves go away from zero.", "round(2.345, 2)", "2.35", 1, 2, NumberFunctions.Round),
        F("json", "json(text)", "The value a JSON text spells.", "json('{\"rows\": [1, 2]}').rows[1]", "2", 1, 1, ListFunctions.Json),
        F("to_json", "to_json(x)", "The value as JSON text.", "to_json(['a', 1, null])", "\"[\\u0022a\\u0022,1,null]\"", 1, 1, ListFunctions.ToJson),
        F("default", "default(x, fallback)", "x, or the fallback when x is null or names something that does not exist.", "default(params.no_such_parameter, 'eu')", "\"eu\"", 2, 2, null),
        F("date", "date(instant[, days[, format]])", "The day of an instant or date in UTC, moved by days, as yyyy-MM-dd or in a .NET date format.", "date('2026-03-01T10:00:00Z', -1)", "\"2026-02-28\"", 1, 3, DateFunctions.Date),
        F("now", "now()", "The run's start, the same for all of the run; also written without parentheses.", "date(now(), 1) > date(now)", "true", 0, 0, null),
        F("raw", "raw(x)", "The value itself. As the outermost call in the text of run or script it accepts any characters: the author vouches for them.", "raw('a b')", "\"a b\"", 1, 1, static (a, _) => a[0]),
    ];

    private static readonly FrozenDictionary<string, ExpressionFunction> ByName = All.ToFrozenDictionary(f => f.Name, StringComparer.Ordinal);

    internal static string Names { get; } = string.Join(", ", All.Select(f => f.Name));

    internal static ExpressionFunction? Find(string name) => ByName.GetValueOrDefault(name);

    private static ExpressionFunction F(
        string name, string signature, string meaning, string example, string result, int min, int max, FunctionBody? body) =>
        new(name, signature, meaning, example, result) { MinArguments = min, MaxArguments = max, Invoke = body };
}
