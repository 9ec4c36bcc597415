using Orchestrator.Core.Runs;

namespace Orchestrator.Engine.Running;

/// <summary>Delivers an input when an instant has come. Timers may fire early by milliseconds, so the clock is asked again.</summary>
internal sealed class RunTimers(TimeProvider clock, Action<LoopMessage> post)
{
    // What is waited for are instants of the wall clock, which may be set: it is looked at this often. Timers
    // could not wait for more than 49 days at once anyway.
    private static readonly TimeSpan LongestStep = TimeSpan.FromMinutes(1);

    public void Arm(OpenRun run, DateTimeOffset at, RunInput input)
    {
        ITimer? timer = null;
        timer = clock.CreateTimer(_ =>
        {
            var left = at - clock.GetUtcNow();
            if (left > TimeSpan.Zero) timer?.Change(Step(left), Timeout.InfiniteTimeSpan);
            else post(new LoopMessage.Deliver(run, input));
        }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        run.Timers.Add(timer);
        timer.Change(Step(at - clock.GetUtcNow()), Timeout.InfiniteTimeSpan);
    }

    public static void Disarm(OpenRun run)
    {
        foreach (var timer in run.Timers) timer.Dispose();
        run.Timers.Clear();
    }

    private static TimeSpan Step(TimeSpan left) =>
        left <= TimeSpan.Zero ? TimeSpan.Zero : left > LongestStep ? LongestStep : TimeSpan.FromMilliseconds(Math.Ceiling(left.TotalMilliseconds));
}
