using System.CommandLine;

namespace Orchestrator.Worker.Tests.Commands;

/// <summary>The command line is a contract: it changes on purpose, seen as a difference in Help.txt.</summary>
public sealed class HelpTests
{
    [Fact]
    public async Task Help_says_what_the_snapshot_says()
    {
        using var box = new Sandbox();
        var verbs = Worker.Commands.CommandLine.Create(new() { Out = TextWriter.Null, Error = TextWriter.Null, Environment = box.Environment, CurrentDirectory = box.Root, UserName = "tester" })
            .Subcommands.Select(c => c.Name);
        var said = new System.Text.StringBuilder();
        foreach (var verb in verbs.Prepend(""))
        {
            var help = (await box.RunAsync([.. verb.Split(' ', StringSplitOptions.RemoveEmptyEntries), "--help"])).Exits(0).Output;
            said.Append(help.Replace(RootCommand.ExecutableName, "orchestrator", StringComparison.Ordinal).Trim()).Append("\n\n");
        }
        var text = string.Join('\n', said.ToString().Trim().Split('\n').Select(l => l.TrimEnd())) + '\n';
        if (!File.Exists(Snapshot) || await File.ReadAllTextAsync(Snapshot, TestContext.Current.CancellationToken) != text)
            await File.WriteAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Help.actual.txt"), text, TestContext.Current.CancellationToken);
        text.ShouldBe(await File.ReadAllTextAsync(Snapshot, TestContext.Current.CancellationToken), $"If this is meant, copy {Path.Combine(AppContext.BaseDirectory, "Help.actual.txt")} over {Snapshot}.");
    }

    private static string Snapshot { get; } = Path.Combine(Root(), "tests", "Orchestrator.Worker.Tests", "Commands", "Help.txt");

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Orchestrator.sln"))) at = at.Parent;
        return at?.FullName ?? throw new DirectoryNotFoundException("The tests run inside the repository.");
    }
}
