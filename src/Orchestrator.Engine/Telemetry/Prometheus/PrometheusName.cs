using System.Text;

namespace Orchestrator.Engine.Telemetry.Prometheus;

/// <summary>OpenTelemetry's names in Prometheus' words, as a collector translates them too.</summary>
internal static class PrometheusName
{
    /// <summary>The family's name, without <c>_total</c>, and its unit; empty where it has none.</summary>
    /// <param name="isGauge">A gauge of unit 1 is a ratio; a counter of unit 1 is not.</param>
    public static (string Name, string Unit) Family(string name, string unit, bool isGauge)
    {
        var clean = Clean(name, colons: true);
        var word = unit == "1" ? isGauge ? "ratio" : "" : Unit(unit);
        if (clean.EndsWith("_total", StringComparison.Ordinal)) clean = clean[..^"_total".Length];
        return word.Length == 0 || clean.EndsWith("_" + word, StringComparison.Ordinal) ? (clean, word) : ($"{clean}_{word}", word);
    }

    /// <summary><c>cicd.pipeline.name</c> becomes <c>cicd_pipeline_name</c>.</summary>
    public static string Label(string name) => Clean(name, colons: false);

    private static string Clean(string name, bool colons)
    {
        var clean = new StringBuilder(name.Length + 1);
        if (name.Length > 0 && char.IsAsciiDigit(name[0])) clean.Append('_');
        foreach (var c in name)
        {
            if (char.IsAsciiLetterOrDigit(c) || (colons && c == ':')) clean.Append(c);
            else if (clean.Length == 0 || clean[^1] != '_') clean.Append('_');
        }
        return clean.ToString();
    }

    private static string Unit(string unit)
    {
        var at = unit.IndexOf('/', StringComparison.Ordinal);
        if (at < 0) return Word(unit);
        var (of, per) = (Word(unit[..at]), Word(unit[(at + 1)..]));
        return per.Length == 0 ? of : of.Length == 0 ? "per_" + Singular(per) : $"{of}_per_{Singular(per)}";
    }

    private static string Singular(string word) => word.EndsWith('s') ? word[..^1] : word;

    // Codes of UCUM; what stands in braces is an annotation and says nothing of the unit.
    private static string Word(string code) => code switch
    {
        "" => "",
        ['{', ..] => "",
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "Hz" => "hertz",
        "%" => "percent",
        var other => Clean(other, colons: false).Trim('_'),
    };
}
