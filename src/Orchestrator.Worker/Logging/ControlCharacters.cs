using System.Globalization;
using System.Text;
using Orchestrator.Core;
using Serilog.Core;
using Serilog.Events;

namespace Orchestrator.Worker.Logging;

/// <summary>
/// Makes control characters in what is logged visible (<c>\n</c>, <c>\x1B</c>): a path, a name or a comment that a caller chose must not begin a line that
/// looks like one of the log's own, nor move the cursor of whoever reads it.
/// </summary>
internal sealed class ControlCharacters : ILogEventEnricher
{
    public void Enrich(LogEvent logEvent, ILogEventPropertyFactory propertyFactory)
    {
        List<LogEventProperty>? shown = null;
        foreach (var (name, value) in logEvent.Properties)
            if (Shown(value) is { } safe) (shown ??= []).Add(new(name, safe));
        if (shown is null) return;
        foreach (var property in shown) logEvent.AddOrUpdateProperty(property);
    }

    /// <summary>The text with its control characters written out; null when it has none.</summary>
    internal static string? Shown(string text)
    {
        if (!text.Any(HiddenCharacters.Contains)) return null;
        var shown = new StringBuilder(text.Length + 16);
        foreach (var c in text)
            if (!HiddenCharacters.Contains(c)) shown.Append(c);
            else
                shown.Append(c switch
                {
                    '\n' => "\\n", '\r' => "\\r", '\t' => "\\t",
                    _ => c < 0x100 ? string.Create(CultureInfo.InvariantCulture, $"\\x{(int)c:X2}") : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:X4}"),
                });
        return shown.ToString();
    }

    private static LogEventPropertyValue? Shown(LogEventPropertyValue value) => value switch
    {
        ScalarValue { Value: string text } => Shown(text) is { } shown ? new ScalarValue(shown) : null,
        SequenceValue sequence when sequence.Elements.Any(e => Shown(e) is not null) => new SequenceValue(sequence.Elements.Select(e => Shown(e) ?? e)),
        _ => null,
    };
}
