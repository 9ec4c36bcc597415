using System.Runtime.InteropServices;
using System.Text;
using Orchestrator.AspNetCore;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Queries;
using Orchestrator.Engine.Reports;
using Orchestrator.Engine.Running;
using Orchestrator.Worker.Commands.Definitions;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Runs;

/// <summary>A run that the `serve` of the data directory executes; this process sends it there and watches the journal.</summary>
internal sealed class ServedRun(Settings settings, CommandContext around, IRunStore store)
{
    private static readonly TimeSpan ReportPatience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Look = TimeSpan.FromMilliseconds(50);

    public async Task<int> RunAsync(RunArguments asked, DefinitionFiles files)
    {
        var client = Client();
        var found = asked.Find(files);
        var run = await client.StartAsync(new LocalStartBody
        {
            Definition = found.Text, BaseDir = found.Workflow.BaseDir, Params = asked.Params, RequestedBy = around.UserName,
            NotBefore = asked.NotBefore,
            Traceparent = around.Variable("TRACEPARENT"), Tracestate = around.Variable("TRACESTATE"), Baggage = around.Variable("BAGGAGE"),
        }, around.Stop);
        return await AcceptedAsync(client, run, asked.Detach, asked.Json);
    }

    /// <summary>Hands in the repetition of a run, with the definition that this process found where it is to be the current one.</summary>
    public async Task<int> RetryAsync(RetryPreview preview, RetryArguments asked)
    {
        var client = Client();
        var definition = preview.Plan.Definition;
        var run = await client.RetryAsync(preview.Plan.Earlier, new()
        {
            Traceparent = around.Variable("TRACEPARENT"), Tracestate = around.Variable("TRACESTATE"), Baggage = around.Variable("BAGGAGE"),
            From = asked.From?.ToString(), Only = asked.Only?.ToString(), Downstream = asked.Downstream, RequestedBy = around.UserName,
            Text = asked.Current ? Encoding.UTF8.GetString(DefinitionJson.Write(definition)) : null, BaseDir = asked.Current ? definition.BaseDir : null,
        }, around.Stop);
        return await AcceptedAsync(client, run, asked.Detach, asked.Json);
    }

    private ServeClient Client() => new(ServeLock.HolderOf(store) ?? throw new CommandFailure(
        ExitCode.Unavailable, $"An `orchestrator serve` is starting for {store.Place}.", "Try again when it is ready."));

    private async Task<int> AcceptedAsync(ServeClient client, RunId run, bool detach, bool json)
    {
        around.Trail.Note("RunId", run.ToString());
        if (!detach) return await WatchAsync(client, run, json);
        if (json) JsonOut.Document(around.Out, w => w.WriteString("run_id", run.ToString()));
        else around.Out.WriteLine($"Run {run} accepted. Follow it with: orchestrator events {run} --follow");
        return ExitCode.Ok;
    }

    private async Task<int> WatchAsync(ServeClient client, RunId run, bool json)
    {
        var archive = new RunArchive(store);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            around.Error.WriteLine("Cancelling.");
            _ = client.CancelAsync(run, new($"{around.UserName} (Ctrl-C)"), CancellationToken.None);
        });
        using (var progress = json ? null : around.Progress())
            await foreach (var recorded in archive.FollowAsync(run, around.Stop)) progress?.Show(recorded);
        await ReportAsync(archive, run);
        var view = await archive.ViewAsync(run, around.Stop) ?? throw new CommandFailure(ExitCode.NotFound, $"Run {run} is gone from {settings.DataDirectory}.");
        return RunEnd.Write(json ? OutputFiles.Complete(view, store.Files) : view, json, around);
    }

    private async Task ReportAsync(RunArchive archive, RunId run)
    {
        if (await archive.ReadAsync(run, around.Stop) is not [.., { Event: WorkflowEnded end }] events || !ReportWriter.IsDue(archive.DefinitionOf(events), end.StatusTo)) return;
        var began = around.Clock.GetTimestamp();
        while (!ReportWriter.Exists(store.Files, run) && around.Clock.GetElapsedTime(began) < ReportPatience) await Task.Delay(Look, around.Clock, around.Stop);
    }
}
