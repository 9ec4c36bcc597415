using Orchestrator.AspNetCore.Schedules;
using Orchestrator.Core;
using Orchestrator.Engine.Queries;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Serving;

/// <summary><c>orchestrator serve --once</c>. Says nothing where nothing was to be done: cron sends what is said by mail.</summary>
internal sealed class ServeOnce(Settings settings, bool json, CommandContext around)
{
    // One that starts or ends can be neither asked nor replaced for a moment.
    private const int Tries = 10;
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    public async Task<int> RunAsync(bool listens, CancellationToken stop)
    {
        for (var tries = 1; ; tries++)
        {
            var look = new OneLook(around.Clock) { Listens = listens };
            try
            {
                await new ServeHost(settings, around.Environment, ProductVersion.Text, around.Error, look).RunAsync(_ => { }, stop);
                return Tell(look.End);
            }
            catch (ServeLockHeldException) when (tries < Tries)
            {
                if (await AskAsync(stop) is { } other) return Tell(other);
                await Task.Delay(Pause, around.Clock, stop);
            }
        }
    }

    // Null: it cannot be asked now.
    private async Task<ServeHolder?> AskAsync(CancellationToken stop)
    {
        if (ServeLock.HolderOf(settings.Store) is not { } holder) return null;
        try
        {
            await new ServeClient(holder).TellAsync("/api/v1/schedules/look", new(), ScheduleBodies.Default.ScheduleActionBody, ScheduleJson.Shapes.LookRow, around.UserName, stop);
            return holder;
        }
        catch (CommandFailure f) when (f.ExitCode == ExitCode.Unavailable) { return null; }
    }

    private int Tell(ServeHolder other)
    {
        if (json)
            JsonOut.Document(around.Out, w =>
            {
                w.WriteNumber("asked_pid", other.Pid);
                w.WriteBoolean("asked_once", other.Once);
            });
        else if (!other.Once) around.Error.WriteLine($"`orchestrator serve` (process {other.Pid}) already has {settings.DataDirectory} and checks schedules itself.");
        return ExitCode.Ok;
    }

    private int Tell(LookEnd end)
    {
        foreach (var wrong in end.Wrong) around.Error.WriteLine(Printable.Line($"error: {wrong}"));
        if (end.Schedules == 0) around.Error.WriteLine($"error: There is no schedule in {settings.Options.Workflows.Path}.{Environment.NewLine}       Check Orchestrator:Workflows:Path, or the folder this was started in.");
        if (end.IsInterrupted) around.Error.WriteLine("Interrupted: the next `orchestrator serve` continues open runs.");
        if (json) WriteJson(end);
        else WriteText(end);
        return end.Code;
    }

    private void WriteText(LookEnd end)
    {
        if (end.Ends.Count > 0)
        {
            var table = new TextTable("run", "workflow", "status", "error");
            foreach (var run in end.Runs) table.Add(run.Run.ToString(), run.Workflow, Words.Of(run.Status), run.Error ?? "");
            table.Write(around);
        }
        var words = end.Ends.Select(e => $"{e.Value} {Words.Of(e.Key)}").ToList();
        if (end.Passed > 0) words.Add($"{end.Passed} due {(end.Passed == 1 ? "time" : "times")} passed without a run");
        if (words.Count == 0) return;
        foreach (var held in end.Held) words.Add($"{held.Count} {(held.Count == 1 ? "delivery" : "deliveries")} of {held.Workflow}/{held.Trigger} {(held.Count == 1 ? "waits" : "wait")} until {Printable.Instant(held.Until)}");
        around.Out.WriteLine($"{string.Join(", ", words)}.");
    }

    private void WriteJson(LookEnd end) => JsonOut.Document(around.Out, w =>
    {
        w.WriteNumber("schedules", end.Schedules);
        w.WriteNumber("started", end.Started);
        w.WriteNumber("passed", end.Passed);
        w.WriteNumber("queued", end.Queued);
        w.WriteBoolean("interrupted", end.IsInterrupted);
        w.WriteStartObject("ended");
        foreach (var (status, count) in end.Ends) w.WriteNumber(Words.Of(status), count);
        w.WriteEndObject();
        w.WriteStartArray("runs");
        foreach (var run in end.Runs)
        {
            w.WriteStartObject();
            w.WriteString("run_id", run.Run.ToString());
            w.WriteString("workflow", run.Workflow);
            w.WriteString("status", Words.Of(run.Status));
            w.WriteString("error", run.Error);
            w.WriteEndObject();
        }
        w.WriteEndArray();
        w.WriteStartArray("held");
        foreach (var held in end.Held)
        {
            w.WriteStartObject();
            w.WriteString("workflow", held.Workflow);
            w.WriteString("trigger", held.Trigger);
            w.WriteNumber("deliveries", held.Count);
            w.WriteString("until", held.Until);
            w.WriteEndObject();
        }
        w.WriteEndArray();
        w.WriteStartArray("problems");
        foreach (var wrong in end.Wrong) w.WriteStringValue(wrong);
        w.WriteEndArray();
    });
}
