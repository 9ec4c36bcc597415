using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Orchestrator.Core.Serialization;

namespace Orchestrator.Core.Triggers.Events;

/// <summary>What attributes of an event must be, however it was sent.</summary>
internal static class CloudEventRules
{
    public const string Version = "1.0";
    public const int MaxText = 1000;
    public const int MaxType = 200;
    public const int MaxExtensions = 50;
    private static readonly string[] s_ours = ["orchestrator.", "scheduler.", "trigger."];

    /// <summary>Whether a name can be an attribute's.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= 50 && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c));

    /// <summary>The event of these attributes; problems are added.</summary>
    public static CloudEvent? Make(Dictionary<string, string> texts, ImmutableSortedDictionary<string, JsonElement> extensions, string where, List<string> problems)
    {
        var before = problems.Count;
        if (texts.TryGetValue("specversion", out var version) && version != Version) Wrong($"'specversion' is '{Shown(version)}'; only {Version} is supported.");
        foreach (var name in (string[])["specversion", "id", "source", "type"])
            if (!texts.ContainsKey(name)) Wrong($"'{name}' is missing.");
        foreach (var (name, text) in texts)
            if (name != "data_base64" && !IsText(text, MaxOf(name))) Wrong($"'{name}' has 1 to {MaxOf(name)} characters and no control characters.");
            else if (name is "source" or "type" && text.Any(char.IsWhiteSpace)) Wrong($"'{name}' is '{Shown(text)}': it cannot have spaces.");
        if (texts.TryGetValue("source", out var source) && IsOurs(source)) Wrong($"'source' is '{Shown(source)}', which is kept for events of this program.");
        if (texts.TryGetValue("time", out var time) && !IsInstant(time)) Wrong($"'time' is '{Shown(time)}'; write it as 2026-01-31T08:30:00Z.");
        if (texts.TryGetValue("data_base64", out var base64) && !IsBase64(base64)) Wrong("'data_base64' is not base64.");
        if (extensions.Count > MaxExtensions) Wrong($"It has {extensions.Count} attributes of its own; {MaxExtensions} are allowed.");
        if (problems.Count > before) return null;
        return new(texts["id"], texts["source"], texts["type"])
        {
            Subject = texts.GetValueOrDefault("subject"), Time = time, DataSchema = texts.GetValueOrDefault("dataschema"),
            DataContentType = texts.GetValueOrDefault("datacontenttype"), DataBase64 = base64, Extensions = extensions,
        };

        void Wrong(string problem) => problems.Add(where + problem);
    }

    /// <summary>Whether a source is one of this program's own: nobody else can speak for it.</summary>
    public static bool IsOurs(string source) => source == "orchestrator" || s_ours.Any(prefix => source.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>A sentence about a body that cannot be read.</summary>
    public static string OfBody(JsonFault fault) => fault.Path.Length == 0 ? $"The body {fault.Problem}." : $"The body, at {fault.Path}, {fault.Problem}.";

    private static int MaxOf(string name) => name == "type" ? MaxType : MaxText;

    private static bool IsText(string text, int most) => text.Length > 0 && text.Length <= most && JsonBounds.Fault(text) is null && !text.Any(char.IsControl);

    // RFC 3339: date, time and offset must all be there.
    private static bool IsInstant(string text) =>
        text.Length >= 20 && text[4] == '-' && text[10] is 'T' or 't' && (text[^1] is 'Z' or 'z' || text[^6] is '+' or '-')
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out _);

    private static bool IsBase64(string text) => System.Buffers.Text.Base64.IsValid(text);

    private static string Shown(string text) => JsonPath.Printable(text.Length <= 60 ? text : text[..60] + "…");
}
