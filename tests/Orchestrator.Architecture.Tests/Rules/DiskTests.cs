using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>What is to survive goes through one disk, which tests can take away; what tasks and users can replace is opened as a regular file or not at all.</summary>
public sealed partial class DiskTests
{
    // Each with the reason why a power cut may take what it writes.
    private static readonly Dictionary<string, string> Scratch = new(StringComparer.Ordinal)
    {
        ["src/Orchestrator.Engine/Executors/Process/ScriptFile.cs"] = "a script's file is made again for each attempt",
        ["src/Orchestrator.Engine/Executors/Process/LogFile.cs"] = "puts asterisks over what a log must not hold, and syncs them before the attempt's end is written",
        ["src/Orchestrator.Engine/Executors/Container/ResultBox.cs"] = "a folder of one attempt below the temporary ones",
        ["src/Orchestrator.Engine/Executors/Container/ContainerNotes.cs"] = "a crash of the machine ends the containers too",
        ["src/Orchestrator.Engine/Telemetry/Tracing/Scripts/ScriptSpanFile.cs"] = "notes of a script for its spans, written by the script's own process",
        ["src/Orchestrator.Engine/Executors/AttemptLeftovers.cs"] = "removes what lives no longer than an attempt; what comes back after a power cut goes at the next takeover",
        ["src/Orchestrator.Engine/Telemetry/Otlp/OtlpSettings.cs"] = "tries whether the operator's folder for the exporter's retries can be written",
        ["src/Orchestrator.Worker/Local/LocalSocket.cs"] = "a socket lives as long as its process",
    };

    // Each with the reason why nobody else can put a FIFO or a device in the place of what it reads, or may do so on purpose.
    private static readonly Dictionary<string, string> Trusted = new(StringComparer.Ordinal)
    {
        ["src/Orchestrator.Engine/Journal/Jsonl/Segment.cs"] = "the journal's own files",
        ["src/Orchestrator.Engine/Journal/Jsonl/SegmentScan.cs"] = "the journal's own files",
        ["src/Orchestrator.Engine/Journal/Jsonl/SegmentCatalog.cs"] = "the journal's own files",
        ["src/Orchestrator.Engine/Journal/Jsonl/Following/JournalTail.cs"] = "the journal's own files",
        ["src/Orchestrator.Engine/Executors/Sql/SqlConnections.cs"] = "a secret of the operator, who may use a FIFO",
        ["src/Orchestrator.Engine/Secrets/SecretSource.cs"] = "a secret of the operator, who may use a FIFO",
        ["src/Orchestrator.Engine/Hosting/Options/BrokerOptions.cs"] = "a secret of the operator, who may use a FIFO",
        ["src/Orchestrator.AspNetCore/Access/TokenList.cs"] = "a file of the operator, named in the configuration",
        ["src/Orchestrator.Worker/Commands/Definitions/DefinitionFiles.cs"] = "a file that the caller names, who may use a pipe",
        ["src/Orchestrator.Worker/Commands/Definitions/ValidateCommand.cs"] = "a file that the caller names, who may use a pipe",
        ["src/Orchestrator.Worker/Options/Settings.cs"] = "the configuration, read once at start",
    };

    [Fact]
    public void Only_the_disk_writes() => Uses(Writing(), Scratch).ShouldBeEmpty();

    [Fact]
    public void Files_that_others_can_replace_are_opened_as_regular_files() => Uses(Reading(), Trusted.Keys.Concat(Scratch.Keys)).ShouldBeEmpty();

    [Fact]
    public void An_exception_from_these_rules_is_still_needed() => Scratch.Keys.Concat(Trusted.Keys)
        .Where(file => !File.Exists(Repository.At(file)) || !(Writing().IsMatch(Source(file)) || Reading().IsMatch(Source(file))))
        .ShouldBeEmpty();

    [Fact]
    public void Calls_of_the_C_library_for_files_are_declared_once() => ProductSources()
        .Where(file => !file.StartsWith("src/Orchestrator.Engine/Posix/", StringComparison.Ordinal))
        .Where(file => FileCalls().IsMatch(Repository.Read(file)))
        .ShouldBeEmpty();

    private static IEnumerable<string> Uses(Regex what, Dictionary<string, string> allowed) => Uses(what, allowed.Keys);

    private static IEnumerable<string> Uses(Regex what, IEnumerable<string> allowed) => ProductSources()
        .Except(allowed)
        .Where(file => !file.StartsWith("src/Orchestrator.Engine/Files/", StringComparison.Ordinal) && !file.StartsWith("src/Orchestrator.Engine/Posix/", StringComparison.Ordinal))
        .SelectMany(file => Source(file).Split('\n').Select((line, i) => (Line: line, At: $"{file}:{i + 1}")).Where(l => what.IsMatch(l.Line)).Select(l => $"{l.At} {l.Line.Trim()}"));

    private static IEnumerable<string> ProductSources() =>
        ((string[])["src/Orchestrator.Engine", "src/Orchestrator.AspNetCore", "src/Orchestrator.Worker"]).SelectMany(project => Repository.Files(project, "*.cs"));

    private static string Source(string file) => SourceText.WithoutCommentsAndTexts(Repository.Read(file));

    [GeneratedRegex(@"\bFile\.(WriteAll|AppendAll|AppendText|Move|Copy|Replace|Delete|Create|OpenWrite|Open\(|SetUnixFileMode)|\bnew FileStream\(|FileMode\.(Create|CreateNew|OpenOrCreate|Append|Truncate)\b|RandomAccess\.(Write|FlushToDisk|SetLength)|\bDirectory\.(CreateDirectory|Delete|Move)\b")]
    private static partial Regex Writing();

    [GeneratedRegex(@"\bFile\.(OpenRead|OpenText|OpenHandle|ReadAll|ReadLines)|\bnew FileStream\(")]
    private static partial Regex Reading();

    [GeneratedRegex("EntryPoint = \"(open|openat|creat|fsync|fdatasync|syncfs|flock|fallocate|rename|unlink|mkdir|ftruncate|pwrite|read|write|close|ioctl|access)\"")]
    private static partial Regex FileCalls();
}
