using Microsoft.Extensions.Logging;
using Orchestrator.Core;
using Orchestrator.Core.Definitions;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Executors.Process;
using Orchestrator.Engine.Executors.Results;
using Orchestrator.Engine.Journal;
using Orchestrator.Engine.Secrets;

namespace Orchestrator.Engine.Executors.Container;

/// <summary>
/// Kind container: the docker or podman command line, run like any other program. What is in the container belongs to a daemon and not to
/// us, so a stop asks the client to end it, by name, before the client itself is ended.
/// </summary>
public sealed class ContainerTaskExecutor(
    ProcessTaskExecutor processes, ContainerClients clients, ProcessTaskOptions options, TimeProvider clock, ILogger<ContainerTaskExecutor> log) : ITaskExecutor, IDisposable
{
    private const int ClientRefused = 125;
    private static readonly TimeSpan ClientPatience = TimeSpan.FromSeconds(30);
    private readonly ProcessTaskOptions _options = options.Checked();
    private readonly RunFolders _folders = new(options.Disk);
    private readonly ClientCalls _calls = new(clients, clock);

    /// <inheritdoc/>
    public async ValueTask<TaskOutcome> ExecuteAsync(TaskAttempt attempt, CancellationToken stop)
    {
        if (stop.IsCancellationRequested) return new TaskOutcome.Cancelled();
        var place = new AttemptFiles(attempt);
        try
        {
            _folders.Ensure(attempt.RunDirectory);
            var client = clients.Find(((ContainerAction)attempt.Task.Action).Engine);
            using var box = new ResultBox(place.Output, log);
            var argv = ContainerCommand.Of(client, attempt, box.Folder);
            var name = ContainerCommand.NameOf(attempt.RunId, attempt.Task.Id, attempt.Attempt);
            if (attempt.Attempt > 1)
                await RemoveAsync(client, [ContainerCommand.NameOf(attempt.RunId, attempt.Task.Id, attempt.Attempt - 1), name]).ConfigureAwait(false);
            ContainerNotes.Add(attempt.RunDirectory, client, name);
            var outcome = await FollowAsync(AsProcess(attempt, argv), client, name, stop).ConfigureAwait(false);
            // What the client used says nothing about what is in the container, which belongs to the daemon.
            if (outcome.Process is { Usage: not null } process) outcome = outcome with { Process = process with { Usage = null } };
            return Judge(outcome, attempt, client, box);
        }
        catch (SpawnRefusedException e)
        {
            return Refused(FailureKind.SpawnError, e.Message, attempt, place).By(e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Refused(FailureKind.Error, $"The run's folder cannot be used: {e.Message}", attempt, place).By(e);
        }
    }

    /// <summary>Ends the containers of these runs that a dead worker left running.</summary>
    public async Task EndLeftoversAsync(IRunFiles files, IReadOnlyCollection<RunId> runs)
    {
        foreach (var run in runs)
            foreach (var (client, names) in ContainerNotes.Read(files.DirectoryOf(run)))
                await RemoveAsync(client, names).ConfigureAwait(false);
    }

    /// <summary>Attempts must have ended.</summary>
    public void Dispose() => _calls.Dispose();

    // The client sees what finds its daemon beside what the container gets.
    private static TaskAttempt AsProcess(TaskAttempt attempt, string[] argv) => attempt with
    {
        Task = attempt.Task with { Action = new ExecAction([.. argv]) },
        Invocation = attempt.Invocation with { Argv = [.. argv], WorkingDir = null },
        InheritEnv = [.. attempt.InheritEnv, .. ContainerClients.Variables],
    };

    private async Task<TaskOutcome> FollowAsync(TaskAttempt attempt, string client, string name, CancellationToken stop)
    {
        using var clientStop = new CancellationTokenSource();
        var running = processes.ExecuteAsync(attempt, clientStop.Token).AsTask();
        await ((Task)running.WaitAsync(stop)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (running.IsCompleted) return await running.ConfigureAwait(false);
        var grace = attempt.Task.Grace ?? _options.KillGrace;
        var seconds = ((int)Math.Ceiling(grace.TotalSeconds)).ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (!await _calls.RunAsync(client, ["stop", "-t", seconds, name], grace + ClientPatience).ConfigureAwait(false))
            await _calls.RunAsync(client, ["kill", name], ClientPatience).ConfigureAwait(false);
        // Nothing more to hope for from the client: its container is gone, or it was never made.
        await clientStop.CancelAsync().ConfigureAwait(false);
        var outcome = await running.ConfigureAwait(false);
        await RemoveAsync(client, [name]).ConfigureAwait(false);
        return new TaskOutcome.Cancelled { Process = outcome.Process, LogRef = outcome.LogRef, Outputs = outcome.Outputs };
    }

    private Task<bool> RemoveAsync(string client, IReadOnlyList<string> names) => _calls.RunAsync(client, ["rm", "-f", .. names], ClientPatience);

    private TaskOutcome Judge(TaskOutcome outcome, TaskAttempt attempt, string client, ResultBox box)
    {
        switch (outcome)
        {
            case TaskOutcome.Failed { Kind: FailureKind.ExitCode, Process.ExitCode: ClientRefused } refused:
                return refused with
                {
                    Kind = FailureKind.SpawnError,
                    Message = $"{Path.GetFileName(client)} could not run the image '{attempt.Invocation.Container!.Image}': {refused.Message} Look at the attempt's log: is the daemon up, the name right, the registry reachable, `pull` as it should be?",
                };
            case TaskOutcome.Succeeded done:
                try
                {
                    return box.Read(ResultLimit.Of(attempt.Task, _options), done.Outputs) is var outputs && ReferenceEquals(outputs, done.Outputs) ? done : done with { Outputs = outputs };
                }
                catch (OutputProblemException e)
                {
                    return new TaskOutcome.Failed(e.Kind, e.Message) { Process = done.Process, LogRef = done.LogRef }.By(e);
                }
            case TaskOutcome.Failed or TaskOutcome.Cancelled:
                try { return outcome with { Outputs = box.Read(ResultLimit.Of(attempt.Task, _options), outcome.Outputs) }; }
                catch (OutputProblemException) { return outcome; }
            default:
                return outcome;
        }
    }

    private static TaskOutcome.Failed Refused(FailureKind kind, string message, TaskAttempt attempt, AttemptFiles place)
    {
        var failed = new TaskOutcome.Failed(kind, SecretMasker.Apply(attempt.Patterns, message));
        try
        {
            LogFile.Note(place.Notes, failed.Message, Files.FileModes.OwnerOnly.File);
            return failed with { LogRef = place.LogRef };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return failed;   // no folder, no log
        }
    }
}
