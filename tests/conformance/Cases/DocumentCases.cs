using System.Text.RegularExpressions;
using Orchestrator.Conformance.Harness;
using Orchestrator.TestKit;
using Orchestrator.TestKit.Aspire;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>
/// The documents are true. In README.md, config/README.md, deploy/README.md and deploy/OBSERVE.md: blocks <c>sh</c> are run, one after another, beside a copy of config/; a block
/// <c>text</c> right after one shows lines of its output; a block <c>yaml</c> that begins with <c># file: NAME</c> is saved first; blocks <c>markdown</c> and drawn
/// graphs of tasks show lines of a report. Blocks <c>console</c> need more than a shell: their verbs and options are looked up.
/// </summary>
public sealed partial class DocumentCases
{
    [Theory(DisplayName = "B01 the commands of the documents run and say what is shown")]
    [InlineData("README.md"), InlineData("config/README.md"), InlineData("deploy/README.md"), InlineData("deploy/OBSERVE.md")]
    public async Task Commands(string file)
    {
        await using var box = new Sandbox();
        var document = Document.Open(file);
        var output = await RunAsync(document, box);
        for (var i = 0; i + 1 < document.Blocks.Count; i++)
            if (document.Blocks[i] is { IsRun: true } && document.Blocks[i + 1] is { Language: "text" } shown) Shows(output[i], shown, file);

        var reports = Directory.Exists(box.Data) ? string.Concat(Directory.GetFiles(box.Data, "report.md", SearchOption.AllDirectories).Select(File.ReadAllText)) : "";
        foreach (var block in document.Blocks.Where(b => b.Language == "markdown" || (b.Language == "mermaid" && b.Text.Contains("n0[", StringComparison.Ordinal))))
            Shows(reports, block, file);
    }

    [Fact(DisplayName = "B02 every verb and option the documents, samples and units name exists")]
    public async Task Verbs()
    {
        await using var box = new Sandbox();
        var verbs = VerbLines().Matches((await box.RunAsync("--help")).Exits(0).Output).Select(m => m.Groups[1].Value).ToHashSet();
        verbs.ShouldContain("run");
        var help = new Dictionary<string, string>();
        foreach (var (where, verb, rest) in Named())
        {
            verbs.ShouldContain(verb, $"{where}: orchestrator {verb}{rest}");
            var text = await HelpAsync(verb);
            // A verb that has verbs of its own: the option belongs to one of those.
            if (rest.Split(' ', StringSplitOptions.RemoveEmptyEntries) is [var own, ..] && VerbLines().Matches(text).Any(m => m.Groups[1].Value == own)) text = await HelpAsync(verb, own);
            foreach (var option in Options().Matches(rest).Select(m => m.Value)) Regex.IsMatch(text, $@"(?<![\w-]){option}(?![\w-])").ShouldBeTrue($"{where}: orchestrator {verb} has no {option}");
        }

        async Task<string> HelpAsync(params string[] words)
        {
            var key = string.Join(' ', words);
            return help.TryGetValue(key, out var known) ? known : help[key] = (await box.RunAsync([.. words, "--help"])).Output;
        }
    }

    [Theory(DisplayName = "B03 the whole workflows of the documents are valid")]
    [InlineData("README.md"), InlineData("config/README.md"), InlineData("deploy/README.md"), InlineData("deploy/OBSERVE.md")]
    public async Task Workflows(string file)
    {
        await using var box = new Sandbox();
        var whole = Document.Open(file).Blocks.Where(b => b.Language == "yaml" && TopKeys().Count(b.Text) >= 2).ToList();
        foreach (var block in whole) (await box.RunAsync("validate", box.Workflow(block.Text))).Exits(0);
    }

    [Fact(DisplayName = "B04 every link between documents leads to a file")]
    public void LinksLeadSomewhere() => Document.All()
        .SelectMany(path => Links().Matches(Document.Open(path).Text).Select(m => (path, Target: m.Groups[1].Value)))
        .Where(link => !link.Target.Contains("://", StringComparison.Ordinal))
        .Where(link => !Path.Exists(Path.Combine(Built.Repository, Path.GetDirectoryName(link.path)!, link.Target)))
        .ShouldBeEmpty();

    /// <summary>Runs the blocks in one shell and gives what each said, by its number.</summary>
    private static async Task<Dictionary<int, string>> RunAsync(Document document, Sandbox box)
    {
        CopyFolder(Path.Combine(Built.Repository, "config"), box.PathOf("config"));
        foreach (var block in document.Blocks)
            if (block.File is { } name) box.Write(name, block.Text);
        var script = new System.Text.StringBuilder($"set -e\nexec 2>&1\norchestrator() {{ '{Built.Program}' \"$@\"; }}\n{DownloadOfDashboard}");
        var ports = new[] { "18888", "4317" }.ToDictionary(p => p, _ => LoopbackPort.Free().ToString(System.Globalization.CultureInfo.InvariantCulture));
        for (var i = 0; i < document.Blocks.Count; i++)
            if (document.Blocks[i] is { IsRun: true } block)
                script.Append($"echo '@@ {i}'\n").Append(ports.Aggregate(block.Text, (text, port) => text.Replace($"127.0.0.1:{port.Key}", $"127.0.0.1:{port.Value}", StringComparison.Ordinal))
                    .Replace("dotnet run --project src/Orchestrator.Worker --", "orchestrator", StringComparison.Ordinal));
        await using var shell = Running.Start("bash", [box.Write("document.sh", script.ToString())], box.Root, new Dictionary<string, string?> { ["TMPDIR"] = box.Root });
        var finished = (await shell.EndAsync(4 * Running.Patience)).Exits(0);
        return Marks().Split(finished.Output).Skip(1).Chunk(2).ToDictionary(p => int.Parse(p[0], System.Globalization.CultureInfo.InvariantCulture), p => p[1]);
    }

    /// <summary>Stands for the download of the dashboard, which was restored with the tests: same name, same version, same folders.</summary>
    private static string DownloadOfDashboard
    {
        get
        {
            var version = new DirectoryInfo(AspireDashboard.Folder).Parent!;
            return $$"""
                dotnet() {
                  [ "${*,,}" = "package download {{version.Parent!.Name}}@{{version.Name}} --output dashboard" ] || { echo "not the restored package: $*"; return 1; }
                  mkdir -p dashboard && ln -s '{{version.Parent.FullName}}' dashboard/
                }

                """;
        }
    }

    /// <summary>Each shown line is one of the output's, times, ids, durations, names of people and column widths aside. A line <c>...</c> stands for others.</summary>
    private static void Shows(string output, Block shown, string file)
    {
        var said = output.Split('\n').Select(Normal).ToHashSet();
        foreach (var line in shown.Text.Split('\n').Where(l => l.Trim() is not ("" or "...")))
            said.ShouldContain(Normal(line), $"{file} shows a line that the program does not say: {line}\nIt said:\n{output}");
    }

    private static string Normal(string line)
    {
        line = RunFolders().Replace(line, "RUNS/");
        line = Ids().Replace(line, "ID");
        line = Times().Replace(line, "TIME");
        line = Took().Replace(line, "TOOK");
        line = Callers().Replace(line, "resumed by WHO");
        return Widths().Replace(line, m => m.Value[..1]).Trim();
    }

    private static IEnumerable<(string Where, string Verb, string Tail)> Named()
    {
        foreach (var path in Document.All())
        {
            var document = Document.Open(path);
            var texts = document.Blocks.Where(b => b.HasCommands).Select(b => b.Text.Replace("dotnet run --project src/Orchestrator.Worker --", "orchestrator", StringComparison.Ordinal))
                .Concat(Spans().Matches(document.Text).Select(m => m.Groups[1].Value));
            foreach (var call in texts.SelectMany(t => Calls().Matches(t))) yield return (path, call.Groups[1].Value, call.Groups[2].Value);
        }
        foreach (var path in Directory.GetFiles(Path.Combine(Built.Repository, "config", "workflows")).Append(Path.Combine(Built.Repository, "deploy", "systemd", "orchestrator.service")))
            foreach (var call in Commented().Matches(File.ReadAllText(path)).SelectMany(m => Calls().Matches(m.Value)))
                yield return (Path.GetFileName(path), call.Groups[1].Value, call.Groups[2].Value);
    }

    private static void CopyFolder(string from, string to)
    {
        foreach (var path in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var target = Path.Combine(to, Path.GetRelativePath(from, path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }

    [GeneratedRegex(@"^@@ ([0-9]+)\n", RegexOptions.Multiline)]
    private static partial Regex Marks();

    [GeneratedRegex(@"^  ([a-z][a-z-]*) .*", RegexOptions.Multiline)]
    private static partial Regex VerbLines();

    [GeneratedRegex(@"(?<![-\w])orchestrator ([a-z][a-z-]*)((?: [^`|#;&()\n]*)?)")]
    private static partial Regex Calls();

    [GeneratedRegex(@"^(?:#\s+orchestrator|ExecStart=).*|`orchestrator [^`\n]+`", RegexOptions.Multiline)]
    private static partial Regex Commented();

    [GeneratedRegex("(?<!`)`(orchestrator [^`\n]+)`(?!`)")]
    private static partial Regex Spans();

    [GeneratedRegex(@"(?<![\w-])--?[a-z][a-z-]*")]
    private static partial Regex Options();

    [GeneratedRegex("^(name|tasks):", RegexOptions.Multiline)]
    private static partial Regex TopKeys();

    [GeneratedRegex(@"\]\(([^)#\s]+)")]
    private static partial Regex Links();

    [GeneratedRegex(@"\S*/data/runs/\d{4}/\d\d/\d\d/")]
    private static partial Regex RunFolders();

    [GeneratedRegex(@"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")]
    private static partial Regex Ids();

    [GeneratedRegex(@"(\d{4}-\d\d-\d\d )?\d\d:\d\d:\d\d(\.\d+)?Z")]
    private static partial Regex Times();

    [GeneratedRegex(@"\d+(\.\d+)? (ms|s)\b|\d+ m \d+ s\b")]
    private static partial Regex Took();

    [GeneratedRegex(@"resumed by [\w.-]+")]
    private static partial Regex Callers();

    [GeneratedRegex(@"\s+|-{3,}")]
    private static partial Regex Widths();
}
