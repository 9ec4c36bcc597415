using System.Buffers;
using System.Collections.Immutable;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `http`: an address alone, or a map.</summary>
internal static class HttpReader
{
    private static readonly string[] s_methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    private static readonly string[] s_bodies = ["json", "body", "form"];
    private static readonly SearchValues<char> s_token = SearchValues.Create("!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    public static TaskAction? Read(Fields owner, Draft draft, int index)
    {
        if (owner["http"] is SourceScalar) return draft.Given(owner, "http", ExpressionPlace.Task, index) is { } address && IsAddress(address, owner, "http") ? new HttpAction(address) : null;
        if (owner.Map("http", Vocabulary.Http, "an address or a map with `url`") is not { } fields) return null;
        var url = fields.Required("url") is null ? null : draft.Given(fields, "url", ExpressionPlace.Task, index);
        var method = Method(fields);
        var action = new HttpAction(url ?? "")
        {
            Method = method,
            Headers = Headers(fields, draft, index),
            Expect = Expect(fields),
            Save = draft.Inside(fields, "save", index),
        };
        var bodies = s_bodies.Where(fields.Has).ToArray();
        if (bodies.Length > 1)
            fields.Problems.Add(ProblemCodes.Conflict, fields.At(bodies[1]), $"`http` has both `{bodies[0]}` and `{bodies[1]}`.", "A request has one body: keep one of them.");
        else if (bodies.Length == 1 && method is "GET" or "HEAD")
            fields.Problems.Add(ProblemCodes.Conflict, fields.At(bodies[0]), $"A {method} request has no `{bodies[0]}`.", "Write `method: POST`, or remove it.");
        else if (bodies is [var body] && fields[body]!.IsNothing)
            fields.Wrong(fields[body]!, body, "what to send");
        else if (bodies is [var given])
            action = WithBody(action, given, fields, draft, index);
        return url is not null && IsAddress(url, fields, "url") ? action : null;
    }

    private static HttpAction WithBody(HttpAction action, string body, Fields fields, Draft draft, int index)
    {
        switch (body)
        {
            case "json":
                draft.Templates(fields["json"]!, ExpressionPlace.Task, index);
                return action with { Json = Json.Of(fields["json"]!) };
            case "body":
                return action with { Body = draft.Template(fields, "body", ExpressionPlace.Task, index) };
            default:
                return action with
                {
                    Form = fields.TextMap("form").ToImmutableSortedDictionary(f => f.Entry.Key, f => draft.Template(f.Value, ExpressionPlace.Task, index), StringComparer.Ordinal),
                };
        }
    }

    // What holds an expression is known when it is rendered; its beginning, if written out, can be checked now.
    private static bool IsAddress(string url, Fields fields, string key)
    {
        var hole = url.IndexOf("${{", StringComparison.Ordinal);
        var isFine = hole switch
        {
            0 => true,
            > 0 => url.StartsWith("http://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("https://", StringComparison.OrdinalIgnoreCase),
            _ => Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0,
        };
        if (!isFine) fields.Problems.Add(ProblemCodes.BadValue, fields.At(key), $"`{key}` is `{SourceScalar.Shorten(url)}`, which is not an address.", "Write it whole: https://host/path.");
        return isFine;
    }

    private static string Method(Fields fields)
    {
        if (fields.Text("method") is not { } text) return "GET";
        var method = text.ToUpperInvariant();
        if (!s_methods.Contains(method))
            fields.Problems.Add(ProblemCodes.BadValue, fields.At("method"), $"`method` is `{SourceScalar.Shorten(text)}`.",
                Suggest.DidYouMean(method, s_methods) is { Length: > 0 } guess ? guess : $"Use one of {string.Join(", ", s_methods)}.");
        return method;
    }

    private static ImmutableSortedDictionary<string, string> Headers(Fields fields, Draft draft, int index)
    {
        var headers = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (entry, value) in fields.TextMap("headers"))
        {
            if (entry.Key.Length == 0 || entry.Key.AsSpan().ContainsAnyExcept(s_token))
                fields.Problems.Add(ProblemCodes.BadValue, entry.At, $"`{SourceScalar.Shorten(entry.Key)}` is not the name of a header.", "Use letters, digits and '-'.");
            else if (HttpHeaderRules.IsOurs(entry.Key))
                fields.Problems.Add(ProblemCodes.BadValue, entry.At, $"The header `{entry.Key}` follows from the request itself.", "Leave it out.");
            else if (value.Text.AsSpan().IndexOfAny('\r', '\n', '\0') >= 0)
                fields.Problems.Add(ProblemCodes.BadValue, value.Span, $"The header `{entry.Key}` holds a line break.", "Write it on one line: `>-` folds, a quoted text keeps.");
            else if (HttpHeaderRules.Fault(TextOutsideHoles(value.Text)) is { } fault)
                fields.Problems.Add(ProblemCodes.BadValue, value.Span, $"The header `{entry.Key}` {fault}.", HttpHeaderRules.Remedy);
            else
                headers[entry.Key] = draft.Template(value, ExpressionPlace.Task, index);
        }
        return headers.ToImmutable();
    }

    // What a hole is made of is known when it is rendered.
    private static string TextOutsideHoles(string text)
    {
        var kept = new System.Text.StringBuilder();
        var at = 0;
        for (int open; (open = text.IndexOf("${{", at, StringComparison.Ordinal)) >= 0;)
        {
            kept.Append(text, at, open - at);
            var close = text.IndexOf("}}", open, StringComparison.Ordinal);
            at = close < 0 ? text.Length : close + 2;
        }
        return kept.Append(text, at, text.Length - at).ToString();
    }

    private static ImmutableArray<string> Expect(Fields fields)
    {
        var statuses = ImmutableArray.CreateBuilder<string>();
        foreach (var text in fields.Texts("expect", orSingle: true))
        {
            var word = text.Text.ToLowerInvariant();
            if (IsStatuses(word)) statuses.Add(word);
            else fields.Problems.Add(ProblemCodes.BadValue, text.Span, $"`expect` holds {text.Found}.", "Write a status (200), a class (2xx) or a range (200-204).");
        }
        return statuses.ToImmutable();
    }

    private static bool IsStatuses(string word) => word.Length switch
    {
        3 when word.EndsWith("xx", StringComparison.Ordinal) => word[0] is >= '1' and <= '5',
        3 => IsStatus(word),
        7 => word[3] == '-' && IsStatus(word.AsSpan(0, 3)) && IsStatus(word.AsSpan(4)) && string.CompareOrdinal(word, 0, word, 4, 3) <= 0,
        _ => false,
    };

    private static bool IsStatus(ReadOnlySpan<char> word) => word[0] is >= '1' and <= '5' && char.IsAsciiDigit(word[1]) && char.IsAsciiDigit(word[2]);
}
