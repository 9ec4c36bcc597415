using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Statistics;
using Shouldly;
using Xunit;

namespace Orchestrator.Core.Tests.Statistics;

public sealed class TaskSlackTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    private static TaskTime Ran(string id, double from, double to, params string[] after) =>
        new(Id(id), [.. after.Select(Id)], s_start.AddMilliseconds(from), s_start.AddMilliseconds(to));

    private static TaskId Id(string text) => new(text);

    private static string Said(TaskSlack slack) => $"{string.Join(">", slack.Critical)}; {string.Join(" ", slack.SlackMs.OrderBy(s => s.Key.ToString(), StringComparer.Ordinal).Select(s => $"{s.Key}={s.Value}"))}";

    [Fact]
    public void The_longer_branch_is_critical_and_the_other_has_slack() =>
        Said(TaskSlack.Of([Ran("a", 0, 10), Ran("long", 10, 50, "a"), Ran("brief", 10, 20, "a"), Ran("end", 50, 60, "long", "brief")]))
            .ShouldBe("a>long>end; a=0 brief=30 end=0 long=0");

    [Fact]
    public void What_a_task_waited_for_a_slot_is_part_of_it() =>
        Said(TaskSlack.Of([Ran("a", 0, 10), Ran("b", 30, 40, "a"), Ran("c", 0, 25)])).ShouldBe("a>b; a=0 b=0 c=15");

    [Fact]
    public void A_task_that_never_ran_passes_the_chain_on_and_is_not_in_it() =>
        Said(TaskSlack.Of([Ran("a", 0, 10), new(Id("skipped"), [Id("a")], null, s_start.AddMilliseconds(10)), Ran("b", 10, 30, "skipped")])).ShouldBe("a>b; a=0 b=0 skipped=0");

    [Fact]
    public void A_fan_out_waits_for_its_children() =>
        Said(TaskSlack.Of([Ran("a", 0, 10), Ran("each", 10, 40, "a"), Ran("each[0]", 10, 40, "a"), Ran("each[1]", 10, 25, "a"), Ran("end", 40, 50, "each")]))
            .ShouldBe("a>each[0]>each>end; a=0 each=0 each[0]=0 each[1]=15 end=0");

    [Fact]
    public void Nothing_is_found_where_there_is_nothing_and_a_circle_hangs_nothing()
    {
        Said(TaskSlack.Of(ImmutableArray<TaskTime>.Empty)).ShouldBe("; ");
        TaskSlack.Of([Ran("a", 0, 10, "b", "nowhere", "a"), Ran("b", 0, 20, "a")]).Critical.ShouldBe([Id("a"), Id("b")]);
    }

    [Fact]
    public void A_task_can_end_later_by_its_slack_and_by_no_more() => Prop.ForAll(ArbMap.Default.ArbFor<int>(), seed =>
    {
        var random = new Random(seed);
        var own = Enumerable.Range(0, random.Next(1, 12)).Select(_ => (double)random.Next(0, 9)).ToArray();
        var needs = own.Select((_, i) => Enumerable.Range(0, i).Where(_ => random.Next(3) == 0).ToArray()).ToArray();
        var ends = Ends(own, needs);
        var slack = TaskSlack.Of([.. own.Select((length, i) => Ran($"t{i}", ends[i] - length, ends[i], [.. needs[i].Select(n => $"t{n}")]))]);
        for (var i = 0; i < own.Length; i++)
        {
            var mine = slack.SlackMs[Id($"t{i}")];
            Ends([.. own.Select((length, j) => j == i ? length + mine : length)], needs).Max().ShouldBe(ends.Max());
            Ends([.. own.Select((length, j) => j == i ? length + mine + 1 : length)], needs).Max().ShouldBe(ends.Max() + 1);
        }
        slack.Critical.ShouldAllBe(id => slack.SlackMs[id] == 0);
    }).Check(Config.QuickThrowOnFailure);

    // Each task starts when what it needs has ended.
    private static double[] Ends(double[] own, int[][] needs)
    {
        var ends = new double[own.Length];
        for (var i = 0; i < own.Length; i++) ends[i] = own[i] + needs[i].Select(n => ends[n]).DefaultIfEmpty(0).Max();
        return ends;
    }
}
