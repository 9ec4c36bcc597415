using Orchestrator.Core.Definitions;

namespace Orchestrator.Core.Runs;

/// <summary>Expected times: told when they are at risk and when they have passed, once each, and nothing else.</summary>
internal static class Sla
{
    public static void Due(Turn turn, RunInput.SlaDue due)
    {
        var state = turn.State;
        int? index = null;
        if (due.Task is { } id)
        {
            if (!state.TryIndexOf(id, out var found) || state[found].IsTerminal) return;
            index = found;
        }
        else if (!state.IsUnderWay || state.Outcome is not null) return;
        if (Next(state, index) is not { } next || next.At > turn.Now.Utc) return;
        var (expected, started) = (Of(state, index)!.Expected, index is { } i ? state[i].StartedAt : state.StartedAt);
        var (expectedMs, elapsedMs) = (expected.TotalMilliseconds, turn.Now.Since(started));
        turn.Emit(next.IsRisk
            ? new SlaAtRisk { Subject = due.Task, ExpectedMs = expectedMs, ElapsedMs = elapsedMs }
            : new SlaExceeded { Subject = due.Task, ExpectedMs = expectedMs, ElapsedMs = elapsedMs });
    }

    /// <summary>What of the expected time of the run (null) or a task comes next; null when all has been told, or nothing is expected.</summary>
    public static (DateTimeOffset At, bool IsRisk)? Next(RunState state, int? index)
    {
        if (Of(state, index) is not { } sla) return null;
        var (risk, exceeded, started) = index is { } i
            ? (state[i].SlaRiskTold, state[i].SlaExceededTold, state[i].StartedAt.Utc)
            : (state.SlaRiskTold, state.SlaExceededTold, state.StartedAt.Utc);
        if (exceeded) return null;
        return !risk && sla.AtRisk < 1 ? (started.Later(sla.Expected * sla.AtRisk), true) : (started.Later(sla.Expected), false);
    }

    private static SlaDefinition? Of(RunState state, int? index) => index is { } i ? state.DefinitionOf(i).Sla : state.Plan.Definition.Sla;
}
