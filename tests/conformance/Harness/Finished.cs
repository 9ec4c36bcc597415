using System.Text.Json;

namespace Orchestrator.Conformance.Harness;

/// <summary>A program that has ended.</summary>
internal sealed record Finished(int ExitCode, string Output, string Errors)
{
    /// <summary>Standard output as the one JSON document it must be.</summary>
    public JsonElement Json()
    {
        try { return JsonDocument.Parse(Output).RootElement.Clone(); }
        catch (JsonException e) { throw new InvalidDataException($"Standard output is not one JSON document ({e.Message}).\nexit {ExitCode}\nstdout:\n{Output}\nstderr:\n{Errors}", e); }
    }

    /// <summary>Standard output as one JSON document per line.</summary>
    public List<JsonElement> JsonLines() =>
        [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement.Clone())];

    public override string ToString() => $"exit {ExitCode}\nstdout:\n{Output}\nstderr:\n{Errors}";
}
