using System.Text;
using System.Text.Json;
using Orchestrator.Conformance.Harness;
using Shouldly;
using Xunit;

namespace Orchestrator.Conformance.Cases;

/// <summary>When a task starts, as a table made by running every cell of it; config/README.md shows the same table.</summary>
public sealed class RunWhenCases
{
    private static readonly string[] Rules = ["all_success", "none_failed", "none_skipped", "one_success", "one_failed", "all_done"];

    /// <summary>What became of the dependencies, in words, and the tasks that become that.</summary>
    private static readonly (string Words, string[] Needs)[] Rows =
    [
        ("none there are", []),
        ("succeeded", ["ok"]),
        ("failed, allowed", ["allowed"]),
        ("failed", ["bad"]),
        ("skipped", ["left"]),
        ("skipped for a failure", ["behind"]),
        ("succeeded, succeeded", ["ok", "allowed"]),
        ("succeeded, failed", ["ok", "bad"]),
        ("succeeded, skipped", ["ok", "left"]),
        ("failed, skipped", ["bad", "left"]),
        ("succeeded, failed, skipped", ["ok", "bad", "left"]),
    ];

    [Fact(DisplayName = "J01 run_when does what its table in the documents says, in every cell")]
    public async Task Table()
    {
        await using var box = new Sandbox();
        var calm = await RunAsync(box, "calm", "fail_fast: false", """
              - {id: ok, noop: true}
              - {id: allowed, run: "exit 1", allow_failure: true}
              - {id: bad, run: "exit 1"}
              - {id: left, if: "${{ false }}", noop: true}
              - {id: behind, depends_on: [bad], noop: true}

            """, Rows.Select((row, n) => (n, row.Needs)));
        var fast = await RunAsync(box, "fast", "on_fail_fast: cancel", $$"""
              - {id: stopped, run: 'touch {{box.Root}}/started; sleep 300'}
              - {id: breaks, run: 'until test -e {{box.Root}}/started; do sleep 0.02; done; exit 1'}

            """, [(0, ["stopped"]), (1, ["stopped", "breaks"])]);

        var table = new StringBuilder($"| Dependencies | {string.Join(" | ", Rules.Select(r => $"`{r}`"))} |\n|---|{string.Concat(Rules.Select(_ => "---|"))}\n");
        for (var n = 0; n < Rows.Length; n++) Row(table, Rows[n].Words, calm, n);
        Row(table, "cancelled, failing fast", fast, 0);
        Row(table, "failed, cancelled, failing fast", fast, 1);

        var path = Path.Combine(Built.Repository, "config", "README.md");
        var document = File.ReadAllText(path);
        const string begin = "<!-- run_when -->\n", end = "<!-- /run_when -->";
        var (from, to) = (document.IndexOf(begin, StringComparison.Ordinal) + begin.Length, document.IndexOf(end, StringComparison.Ordinal));
        (document[from..to] == table.ToString()).ShouldBeTrue($"config/README.md has to hold, between <!-- run_when --> and <!-- /run_when -->:\n{table}");
    }

    private static async Task<JsonElement> RunAsync(Sandbox box, string name, string control, string tasks, IEnumerable<(int Row, string[] Needs)> rows)
    {
        var cells = rows.SelectMany(row => Rules.Select(rule => $"  - {{id: r{row.Row}-{rule}, depends_on: [{string.Join(", ", row.Needs)}], run_when: {rule}, noop: true}}\n"));
        return (await box.RunJsonAsync(box.Workflow($"name: {name}\n{control}\ntasks:\n{tasks}{string.Concat(cells)}", $"{name}.yaml"))).Json;
    }

    private static void Row(StringBuilder table, string words, JsonElement run, int row) =>
        table.Append($"| {words} | {string.Join(" | ", Rules.Select(rule => Cell(run, $"r{row}-{rule}")))} |\n");

    private static string Cell(JsonElement run, string id) => run.Fate(id) switch
    {
        "completed" => "starts",
        "skipped dependency_failed" => "skipped, failed",
        "skipped dependency_skipped" => "skipped, skipped",
        "cancelled fail_fast" => "cancelled",
        var other => other,
    };
}
