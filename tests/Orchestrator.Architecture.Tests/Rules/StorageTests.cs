using System.Text.RegularExpressions;

namespace Orchestrator.Architecture.Tests.Rules;

/// <summary>How runs are stored is known in one room: the rest takes ports of Engine/Journal, which another store can implement.</summary>
public sealed partial class StorageTests
{
    private static readonly string[] Rooms = ["src/Orchestrator.Engine/Journal/Jsonl/", "src/Orchestrator.Engine/Files/"];

    // Where a program is put together. Each with the reason why it names the store.
    private static readonly Dictionary<string, string> Composition = new(StringComparer.Ordinal)
    {
        ["src/Orchestrator.Engine/Registration/OrchestratorRegistration.cs"] = "chooses the store of an orchestrator inside a host",
        ["src/Orchestrator.Worker/Options/Settings.cs"] = "chooses the store of the program",
        ["src/Orchestrator.Engine/Hosting/NodeJournal.cs"] = "opens the journal of whatever carries out runs",
    };

    [Fact]
    public void Segments_archives_and_folders_are_named_in_their_room_alone() => Uses(Names()).ShouldBeEmpty();

    [Fact]
    public void Only_what_puts_a_program_together_knows_the_store() => Uses(Store()).Where(use => !Composition.ContainsKey(use.Split(':')[0])).ShouldBeEmpty();

    [Fact]
    public void An_exception_from_these_rules_is_still_needed() => Composition.Keys
        .Where(file => !File.Exists(Repository.At(file)) || !Store().IsMatch(Source(file)))
        .ShouldBeEmpty();

    [Fact]
    public void No_port_is_cast_down_to_what_implements_it() => Uses(Casts()).ShouldBeEmpty();

    private static IEnumerable<string> Uses(Regex what) => Repository.Files("src", "*.cs")
        .Where(file => !Rooms.Any(room => file.StartsWith(room, StringComparison.Ordinal)))
        .SelectMany(file => Source(file).Split('\n').Select((line, i) => (Line: line, At: $"{file}:{i + 1}")).Where(l => what.IsMatch(l.Line)).Select(l => $"{l.At} {l.Line.Trim()}"));

    private static string Source(string file) => SourceText.WithoutCommentsAndTexts(Repository.Read(file));

    [GeneratedRegex(@"\b(RunPaths|RunReader|Segment(Catalog|Chain|Scan|Loader|Header|Order)|ArchiveFile|ArchiveHead|ArchiveSync|ArchiveSweep|StreamArchive|StreamIndex|JournalTail|EventFollower|EndedRuns|FeedLog|HistoryCache|RemovedRuns|DefinitionStore\(|OwnedFolders)\b")]
    private static partial Regex Names();

    [GeneratedRegex(@"\b(Journal\.Jsonl|DataDirectory\.At|JsonlRunJournal)\b")]
    private static partial Regex Store();

    [GeneratedRegex(@"\b(as|is)\s+(not\s+)?(JsonlRunJournal|MemoryRunJournal|NodeJournal|DataDirectory|ICommitListener|IRunOwnership)\b")]
    private static partial Regex Casts();
}
