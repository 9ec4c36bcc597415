using System.CommandLine;
using System.Runtime.InteropServices;
using Orchestrator.Core;
using Orchestrator.Core.Lifecycle.Compatibility;
using Orchestrator.Core.Runs;
using Orchestrator.Engine.Subscriptions;
using Orchestrator.Worker.Commands.Journal;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Commands.Runs;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Events;

/// <summary><c>orchestrator events</c>: lifecycle events of a run or of all, one line each, in a format. Reads files only.</summary>
internal static class EventsCommand
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var run = new Argument<string?>("RUN") { Description = "A run's id, or the beginning of it. Without it: everything in the data directory.", Arity = ArgumentArity.ZeroOrOne };
        var follow = new Option<bool>("--follow", "-f") { Description = "Wait for further events (of a run: until it ends); Ctrl-C stops." };
        var format = new Option<string>("--format") { Description = $"Shape of a line: {string.Join(", ", Words.All<EventFormat>())}.", HelpName = "FORMAT", DefaultValueFactory = _ => Words.Of(EventFormat.Native) };
        format.AcceptOnlyFromAmong([.. Words.All<EventFormat>()]);
        var type = new Option<string?>("--type") { Description = "Only types that match a pattern; separate several with commas: 'task.*,workflow.failed'.", HelpName = "PATTERN" };
        var workflow = new Option<string?>("--workflow") { Description = "Only events of this workflow.", HelpName = "NAME" };
        var since = new Option<string?>("--since") { Description = "Only events since then: a time ago such as 2h, or an instant.", HelpName = "TIME" };
        var verb = new Verb("events", "Print lifecycle events, one JSON line each.")
        {
            Examples =
            [
                ("orchestrator events 019a3c5e", "a run's events so far"),
                ("orchestrator events 019a3c5e --follow | jq -r .type", "as they happen"),
                ("orchestrator events --since 1h --type '*.failed'", "what failed in the last hour"),
                ("orchestrator events --follow --format codomyrmex", "everything, as another system's events"),
            ],
        };
        verb.Arguments.Add(run);
        foreach (var option in (Option[])[follow, format, type, workflow, since]) verb.Options.Add(option);
        verb.SetAction(async (parsed, stop) =>
        {
            var lookup = new RunSearch(common.Load(parsed, around));
            var shape = Words.TryParse<EventFormat>(parsed.GetValue(format)!, out var named) ? named : EventFormat.Native;   // the parser lets no other word through
            var selection = new EventSelection(shape, Types(parsed.GetValue(type)), parsed.GetValue(workflow), parsed.GetValue(since) is { } from ? PastTime.Read(from, around.Clock.GetUtcNow()) : null);
            RunId? only = parsed.GetValue(run) is { } id ? (await lookup.ViewAsync(id, stop)).RunId : null;
            using var interrupted = new Interruption(stop);
            await PrintAsync(lookup, selection, only, parsed.GetValue(follow), around, interrupted.Token);
            return ExitCode.Ok;
        });
        return verb;
    }

    private static async Task PrintAsync(RunSearch lookup, EventSelection selection, RunId? only, bool follow, CommandContext around, CancellationToken stop)
    {
        using var follower = lookup.Archive.Store.Watch(only is null && selection.Since is { } since ? since : DateTimeOffset.MinValue, only);
        var selected = new SelectedEvents(lookup.Archive.Store, selection);
        using var printer = new EventPrinter(selection.Format, around);
        var ended = false;
        while (!ended && !stop.IsCancellationRequested)
        {
            // Reading, making envelopes and writing them out take about as long, so they are done at the same time.
            await foreach (var events in ReadAhead.Of(selected.Of(ReadAhead.Of(SelectedEvents.Lots(follower.Look())))))
            {
                foreach (var e in events) printer.Print(e);
                if (stop.IsCancellationRequested) break;
            }
            printer.Flush();
            ended = only is not null && selected.HasSeenEnd;
            if (!follow) break;
            if (!ended) await Task.Delay(Interval, around.Clock, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
        // Silence about what cannot be read would look like completeness.
        if (only is null && !follow && lookup.Archive.Damage() is [var damage, ..]) throw damage;
    }

    private static EventPatterns Types(string? text)
    {
        try { return EventPatterns.Read(text); }
        catch (ArgumentException e) { throw new CommandFailure(ExitCode.Usage, $"--type: {e.Message.Split(" (Parameter", 2)[0]}", "For example: --type 'task.*,workflow.failed'"); }
    }

    /// <summary>Ctrl-C and SIGTERM end a follow as they should end it: with everything printed and without an error.</summary>
    private sealed class Interruption : IDisposable
    {
        private readonly CancellationTokenSource _source;
        private readonly PosixSignalRegistration _interrupt, _terminate;

        public Interruption(CancellationToken stop)
        {
            _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
            _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Take);
            _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Take);
        }

        public CancellationToken Token => _source.Token;

        private void Take(PosixSignalContext signal)
        {
            signal.Cancel = true;
            _source.Cancel();
        }

        public void Dispose()
        {
            _interrupt.Dispose();
            _terminate.Dispose();
            _source.Dispose();
        }
    }
}
