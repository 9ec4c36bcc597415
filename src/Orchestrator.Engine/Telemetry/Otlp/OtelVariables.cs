using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Orchestrator.Engine.Telemetry.Otlp;

/// <summary>
/// Reads OTEL_* values. One that cannot be used becomes a warning that names it and says what is done instead; it never stops anything. The SDK ignores
/// some such values without a word and throws at others.
/// </summary>
internal sealed class OtelVariables(IConfiguration configuration)
{
    private const int MaxShown = 100;
    private readonly List<string> _warnings = [];

    /// <summary>A sentence for each value that cannot be used.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>The value; null when it is not set or blank.</summary>
    public string? Text(string name) => configuration[name]?.Trim() is { Length: > 0 } text ? text : null;

    /// <summary>A whole number within bounds, or else <paramref name="otherwise"/>.</summary>
    public int Whole(string name, int otherwise, int least, int most = int.MaxValue)
    {
        if (Text(name) is not { } text) return otherwise;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        var bounds = most == int.MaxValue ? string.Create(CultureInfo.InvariantCulture, $"from {least}") : string.Create(CultureInfo.InvariantCulture, $"from {least} to {most}");
        Warn(string.Create(CultureInfo.InvariantCulture, $"{Shown(name, text)} is not a whole number {bounds}; {otherwise} is used instead."));
        return otherwise;
    }

    /// <summary>Says something once.</summary>
    public void Warn(string sentence)
    {
        if (!_warnings.Contains(sentence)) _warnings.Add(sentence);
    }

    /// <summary><c>NAME=value</c> on one line. Not for values that may hold a secret.</summary>
    public static string Shown(string name, string value)
    {
        var line = string.Concat(value.Select(c => char.IsControl(c) ? ' ' : c));
        return $"{name}={(line.Length > MaxShown ? line[..MaxShown] + "..." : line)}";
    }
}
