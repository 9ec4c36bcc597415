using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Orchestrator.Engine.Reconciliation;

/// <summary>One sample of a metrics page.</summary>
public sealed record MetricSample(string Name, ImmutableSortedDictionary<string, string> Labels, double Value)
{
    /// <summary>A label's value; empty where it has none, as Prometheus sees it.</summary>
    public string this[string label] => Labels.GetValueOrDefault(label, "");
}

/// <summary>Reads the samples of a page in Prometheus' text format (version 0.0.4).</summary>
public static class MetricsText
{
    /// <exception cref="FormatException">A line is none of that format.</exception>
    public static IReadOnlyList<MetricSample> Read(string page)
    {
        var samples = new List<MetricSample>();
        foreach (var line in page.Split('\n'))
            if (line.Length > 0 && line[0] != '#') samples.Add(Sample(line));
        return samples;
    }

    private static MetricSample Sample(string line)
    {
        var open = line.IndexOf('{', StringComparison.Ordinal);
        var at = open < 0 ? line.IndexOf(' ', StringComparison.Ordinal) : open;
        if (at <= 0) throw Wrong(line);
        var name = line[..at];
        var labels = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (open >= 0) at = Labels(line, open + 1, labels);
        var value = line[at..].Trim().Split(' ')[0];
        return new(name, labels.ToImmutable(), value switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            "NaN" => double.NaN,
            _ => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : throw Wrong(line),
        });
    }

    /// <returns>The place after the closing brace.</returns>
    private static int Labels(string line, int at, ImmutableSortedDictionary<string, string>.Builder labels)
    {
        while (at < line.Length && line[at] != '}')
        {
            var equals = line.IndexOf("=\"", at, StringComparison.Ordinal);
            if (equals < 0) throw Wrong(line);
            var value = new StringBuilder();
            var i = equals + 2;
            for (; i < line.Length && line[i] != '"'; i++)
            {
                if (line[i] == '\\' && i + 1 < line.Length) value.Append(line[++i] == 'n' ? '\n' : line[i]);
                else value.Append(line[i]);
            }
            labels[line[at..equals]] = value.ToString();
            at = i + 1;
            if (at < line.Length && line[at] == ',') at++;
        }
        return at < line.Length ? at + 1 : throw Wrong(line);
    }

    private static FormatException Wrong(string line) => new($"This is not a line of the Prometheus text format: {line}");
}
