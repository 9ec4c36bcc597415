using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Definitions;
using Xunit;

namespace Orchestrator.Core.Tests.Definitions;

public sealed class ReaderPropertyTests
{
    private static readonly string[] s_scraps =
    [
        "name: a\n", "tasks:\n", "  - id: x\n", "    run: y\n", "    depends_on: [x]\n", "- ", "{", "}", "[", "]", ": ", "&a ", "*a ", "<<: ", "|\n", ">-\n", "\"", "'", "#", "${{ ",
        " }}", "params.x", "\t", "\r\n", "---\n", "...\n", "!!map ", "? ", "%YAML 1.2\n", "\u0085", "é𝒳", "retry:", "  ", "null", "exec: []", "\uFEFF", "schedules: [{id: s, cron: '* * * * *'}]\n",
    ];

    [Fact]
    public void Arbitrary_bytes_never_throw() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        var result = DefinitionReader.Read(bytes, "w.yaml");
        return result.Workflow is null == result.Problems.Length > 0;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(2000));

    [Fact]
    public void Scraps_of_yaml_in_any_order_never_throw() => Prop.ForAll(Gen.Elements(s_scraps).ArrayOf().ToArbitrary(), scraps =>
    {
        var result = DefinitionReader.Read(string.Concat(scraps), "w.yaml");
        return result.Workflow is null == result.Problems.Length > 0;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(5000));

    [Fact]
    public void A_valid_definition_with_any_byte_changed_never_throws() => Prop.ForAll(ArbMap.Default.ArbFor<(int At, byte To)>(), change =>
    {
        var bytes = Encoding.UTF8.GetBytes(Sample.Everything);
        bytes[(change.At & int.MaxValue) % bytes.Length] = change.To;
        var result = DefinitionReader.Read(bytes, "w.yaml");
        return result.Workflow is null == result.Problems.Length > 0;
    }).Check(Config.QuickThrowOnFailure.WithMaxTest(1000));

    [Fact]
    public void A_random_graph_without_back_edges_has_no_cycle_and_with_one_it_has() => Prop.ForAll(ArbMap.Default.ArbFor<(int Size, int Seed)>(), pair =>
    {
        var random = new Random(pair.Seed);
        var size = 2 + (pair.Size & int.MaxValue) % 40;
        var needs = Enumerable.Range(0, size).Select(i => Enumerable.Range(0, i).Where(_ => random.Next(3) == 0).ToHashSet()).ToArray();
        if (DefinitionReader.Read(Graph(needs), "w.yaml").Workflow is null) return false;
        // Close a path: the last task of some edge is needed by its first.
        var to = random.Next(1, size);
        var from = random.Next(0, to);
        needs[to].Add(from);
        needs[from].Add(to);
        return DefinitionReader.Read(Graph(needs), "w.yaml").Problems.Any(p => p.Code == ProblemCodes.Cycle);
    }).QuickCheckThrowOnFailure();

    private static string Graph(HashSet<int>[] needs) => "name: g\ntasks:\n" + string.Concat(
        needs.Select((n, i) => $"  - {{id: t{i}, noop: true, depends_on: [{string.Join(", ", n.Select(d => $"t{d}"))}]}}\n"));
}
