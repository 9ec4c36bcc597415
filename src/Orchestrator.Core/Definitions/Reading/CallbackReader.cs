using System.Collections.Immutable;
using Orchestrator.Core.Lifecycle.Compatibility;

namespace Orchestrator.Core.Definitions.Reading;

/// <summary>Reads `callbacks`. Their texts are taken as they are: what an address or a header may hold must be known before a run begins.</summary>
internal static class CallbackReader
{
    private const int Most = 20;

    public static ImmutableArray<CallbackDefinition> Read(Fields workflow, IEnumerable<string> secrets)
    {
        var callbacks = ImmutableArray.CreateBuilder<CallbackDefinition>();
        var items = workflow.Items("callbacks", "a list such as [{url: https://hooks.example/run}]");
        if (items.Count > Most) workflow.Problems.Add(ProblemCodes.TooLarge, items[Most].Span, $"`callbacks` has {items.Count} entries; {Most} are allowed.", "Use one address that forwards events.");
        foreach (var item in items.Take(Most))
        {
            if (item is not SourceMap map)
            {
                workflow.Wrong(item, "callbacks[]", "a map with `url`");
                continue;
            }
            var fields = new Fields(map, Vocabulary.Callback, "a callback", workflow.Problems);
            if (fields.Required("url") is { } url)
                callbacks.Add(new()
                {
                    Url = Address(fields, "url", url),
                    Events = [.. fields.Texts("events", orSingle: true).Where(t => IsPattern(fields, t)).Select(t => t.Text)],
                    Secret = Secret(fields, secrets),
                    Headers = fields.TextMap("headers").Where(h => IsHeader(fields, h.Entry, h.Value)).ToImmutableSortedDictionary(h => h.Entry.Key, h => h.Value.Text, StringComparer.Ordinal),
                    Timeout = fields.Duration("timeout", TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(5)),
                    Format = fields.Word<EventFormat>("format") ?? default,
                });
        }
        return callbacks.ToImmutable();
    }

    /// <summary>An address as it is written; a problem where it is none that may be called.</summary>
    public static string Address(Fields fields, string key, string url)
    {
        if (!Uri.TryCreate(url, UriKind.Absolute, out var address) || address.Scheme is not ("http" or "https") || address.Host.Length == 0)
            fields.Problems.Add(ProblemCodes.BadValue, fields.At(key), $"`{key}` is `{SourceScalar.Shorten(url)}`.", "Write an absolute http or https address, without expressions.");
        else if (address.UserInfo.Length > 0)
            fields.Problems.Add(ProblemCodes.SecretExposed, fields.At(key), $"`{key}` holds a user or password: definitions are stored and shown.", "Sign the requests instead: `secret: NAME`.");
        return url;
    }

    private static string? Secret(Fields fields, IEnumerable<string> secrets)
    {
        if (fields.Text("secret") is not { } name || secrets.Contains(name, StringComparer.Ordinal)) return fields.Text("secret");
        fields.Problems.Add(ProblemCodes.UnknownReference, fields.At("secret"), $"`secret` names '{SourceScalar.Shorten(name)}', which the workflow does not declare.",
            Suggest.DidYouMean(name, secrets) is { Length: > 0 } guess ? guess : "Declare it under `secrets:` as {file: ...} or {env: NAME}.");
        return null;
    }

    private static bool IsPattern(Fields fields, SourceScalar text)
    {
        if (text.Text.Length > 0 && text.Text.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '.' or '_' or '*' or '?')) return true;
        fields.Problems.Add(ProblemCodes.BadValue, text.Span, $"`events` holds {text.Found}, which matches no event.", "Write types or patterns such as workflow.failed, task.* or '*.failed'.");
        return false;
    }

    private static bool IsHeader(Fields fields, SourceEntry entry, SourceScalar value)
    {
        if (entry.Key.Length > 0 && entry.Key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') && !value.Text.AsSpan().ContainsAny('\r', '\n', '\0')) return true;
        fields.Problems.Add(ProblemCodes.BadValue, entry.At, $"`headers` holds '{SourceScalar.Shorten(entry.Key)}', which cannot be a header.", "Use letters, digits, '-' and '_', and a value of one line.");
        return false;
    }
}
