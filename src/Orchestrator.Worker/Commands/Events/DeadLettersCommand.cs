using System.CommandLine;
using System.Globalization;
using Orchestrator.AspNetCore.Events;
using Orchestrator.Engine.Deliveries.DeadLetters;
using Orchestrator.Engine.Deliveries.Lanes;
using Orchestrator.Engine.Secrets;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Events;

/// <summary><c>orchestrator dead-letters</c>: events that could not be delivered. Works beside a `serve` and without one.</summary>
internal static class DeadLettersCommand
{
    private const int LettersAtOnce = 5_000;   // a request of so many names is within the limit on bodies
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var verb = new Verb("dead-letters", "List, show, resend or discard events that could not be delivered, with the accounts of all deliveries.")
        {
            Examples =
            [
                ("orchestrator dead-letters list", "the state of each sink, and its dead letters"),
                ("orchestrator dead-letters replay 7b0f2c11", "send one again"),
                ("orchestrator dead-letters replay --all --sink webhook.ops", "send all of a sink again, oldest first"),
            ],
        };
        verb.Subcommands.Add(List(common, around));
        verb.Subcommands.Add(Show(common, around));
        verb.Subcommands.Add(Chosen("replay", "Send dead letters again with their event ids; accepted ones are removed.", common, around, ReplayAsync));
        verb.Subcommands.Add(Chosen("discard", "Remove dead letters for good.", common, around, DiscardAsync));
        return verb;
    }

    private static Verb List(CommonOptions common, CommandContext around)
    {
        var sink = SinkOption();
        var verb = new Verb("list", "Show the state of each sink, and its dead letters, oldest first.");
        verb.Options.Add(sink);
        verb.SetAction((parsed, _) =>
        {
            var settings = common.Load(parsed, around);
            var folder = DeliveryLanes.FolderIn(settings.Store.State);
            var (lanes, dead) = (new LaneFiles(folder), new DeadLetterStore(folder));
            var names = lanes.Sinks().Union(dead.Sinks()).Where(n => parsed.GetValue(sink) is not { } only || only == n).Order(StringComparer.Ordinal).ToList();
            foreach (var name in names)
            {
                var state = lanes.Read(name) ?? new();   // before the letters: those that come in between are not in its account
                var (letters, gone) = dead.ReadAll(name);
                Print(name, state, SinkAccount.Of(state, letters, gone), letters, parsed.GetValue(common.Json), around);
            }
            if (names.Count == 0 && !parsed.GetValue(common.Json)) around.Out.WriteLine("Nothing has been delivered, and nothing waits.");
            return Task.FromResult(ExitCode.Ok);
        });
        return verb;
    }

    private static Verb Show(CommonOptions common, CommandContext around)
    {
        var id = new Argument<string>("EVENT") { Description = "The event's id, or the beginning of it." };
        var verb = new Verb("show", "A dead letter with its body.");
        verb.Arguments.Add(id);
        verb.SetAction((parsed, _) =>
        {
            foreach (var letter in Find(new(DeliveryLanes.FolderIn(common.Load(parsed, around).Store.State)), parsed.GetValue(id), null, all: false))
                Write(letter, body: true, around);
            return Task.FromResult(ExitCode.Ok);
        });
        return verb;
    }

    private static Verb Chosen(
        string name, string description, CommonOptions common, CommandContext around, Func<Settings, IReadOnlyList<DeadLetter>, bool, CommandContext, CancellationToken, Task<int>> act)
    {
        var id = new Argument<string?>("EVENT") { Description = "The event's id, or the beginning of it.", Arity = ArgumentArity.ZeroOrOne };
        var (sink, all) = (SinkOption(), new Option<bool>("--all") { Description = "All of them, or with --sink all of a sink." });
        var verb = new Verb(name, description) { Changes = true, About = [id, sink, all] };
        verb.Arguments.Add(id);
        verb.Options.Add(sink);
        verb.Options.Add(all);
        verb.SetAction(async (parsed, stop) =>
        {
            var settings = common.Load(parsed, around);
            if (parsed.GetValue(all) == parsed.GetValue(id) is not null) throw new CommandFailure(ExitCode.Usage, "Name an event, or give --all.", "`orchestrator dead-letters list` has their ids.");
            var folder = DeliveryLanes.FolderIn(settings.Store.State);
            // A letter that its sink's account does not know yet is the sink's own to send again.
            var found = Find(new(folder), parsed.GetValue(id), parsed.GetValue(sink), parsed.GetValue(all)).GroupBy(l => l.Sink)
                .SelectMany(letters => new LaneFiles(folder).Read(letters.Key) is { } state ? letters.Where(l => l.Position <= state.Position) : letters).ToList();
            if (found is [var only]) around.Trail.Note("LifecycleEventId", only.EventId);
            around.Trail.Note("Sinks", string.Join(' ', found.Select(l => l.Sink).Distinct()));
            return await act(settings, found, parsed.GetValue(common.Json), around, stop);
        });
        return verb;
    }

    private static Option<string?> SinkOption() => new("--sink") { Description = "Only this sink.", HelpName = "NAME" };

    private static List<DeadLetter> Find(DeadLetterStore dead, string? id, string? sink, bool all)
    {
        var found = dead.Sinks().Where(s => sink is null || s == sink).SelectMany(dead.Read).Where(l => all || l.EventId.ToString().StartsWith(id!, StringComparison.OrdinalIgnoreCase)).ToList();
        if (found.Count == 0 && !all) throw new CommandFailure(ExitCode.NotFound, $"There is no dead letter '{id}'.", "`orchestrator dead-letters list` has their ids.");
        if (!all && found.Select(l => l.EventId).Distinct().Count() > 1) throw new CommandFailure(ExitCode.Usage, $"Several dead letters begin with '{id}'.", "Give more of the id.");
        return found;
    }

    private static async Task<int> ReplayAsync(Settings settings, IReadOnlyList<DeadLetter> letters, bool json, CommandContext around, CancellationToken stop)
    {
        var (sent, left, problems) = await ActAsync("replay", settings, letters, around, stop);
        foreach (var problem in problems) around.Error.WriteLine(problem);
        around.Trail.Note("Replayed", sent);
        around.Trail.Note("Left", left);
        if (json) JsonOut.Document(around.Out, w => { w.WriteNumber("replayed", sent); w.WriteNumber("left", left); });
        else around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{sent} sent, {left} left."));
        return left == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    private static async Task<int> DiscardAsync(Settings settings, IReadOnlyList<DeadLetter> letters, bool json, CommandContext around, CancellationToken stop)
    {
        var (gone, _, _) = await ActAsync("discard", settings, letters, around, stop);
        around.Trail.Note("Discarded", gone);
        if (json) JsonOut.Document(around.Out, w => w.WriteNumber("discarded", gone));
        else around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{gone} discarded."));
        return ExitCode.Ok;
    }

    // A running `serve` sends with its own configuration, and no other process writes its files.
    private static async Task<DeadLetterResult> ActAsync(string action, Settings settings, IReadOnlyList<DeadLetter> letters, CommandContext around, CancellationToken stop)
    {
        if (ServeLock.HolderOf(settings.Store) is { } holder)
        {
            var (done, left, problems) = (0, 0, new List<string>());
            foreach (var sink in letters.GroupBy(l => l.Sink))
            {
                var rest = sink.Count();
                foreach (var part in sink.Chunk(LettersAtOnce))
                {
                    var answer = await new ServeClient(holder).LettersAsync(action, new([.. part.Select(l => new DeadLetterName(l.Sink, l.EventId))]), around.UserName, stop);
                    (done, rest) = (done + answer.Done, rest - part.Length + answer.Left);
                    problems.AddRange(answer.Problems);
                    if (answer.Left > 0) break;   // later events of a sink are not sent before one that it does not take
                }
                left += rest;
            }
            return new(done, left, problems);
        }
        var work = new DeadLetterWork(settings.Store, settings.Options.Deliveries, new SecretSource(around.Environment), around.Clock);
        return action == "replay" ? await work.ReplayAsync(letters, stop) : work.Discard(letters);
    }

    private static void Print(string name, LaneState state, SinkAccount account, IReadOnlyList<DeadLetter> dead, bool json, CommandContext around)
    {
        if (json)
        {
            JsonOut.Document(around.Out, w =>
            {
                w.WriteString("sink", name);
                w.WriteString("host", state.Host);
                w.WriteNumber("position", state.Position);
                w.WriteNumber("emitted", account.Emitted);
                w.WriteNumber("delivered", account.Delivered);
                w.WriteNumber("dead", account.Dead);
                w.WriteNumber("dropped", account.Dropped);
                w.WriteNumber("replayed", account.Replayed);
                w.WriteNumber("discarded", account.Discarded);
                w.WriteNumber("missed", account.Missed);
                w.WriteNumber("failures", state.Failures);
                if (state.OpenUntil is { } until) w.WriteString("open_until", JsonOut.Instant(until)); else w.WriteNull("open_until");
                w.WriteString("last_error", state.LastError);
            });
            foreach (var letter in dead) Write(letter, body: false, around);
            return;
        }
        around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{name} ({state.Host}): {account.Emitted} events, {account.Delivered} delivered{Part(account.Replayed, "sent again")}, {account.Dead} dead letters, {account.Dropped} lost{Part(account.Discarded, "discarded")}{(account.Missed == 0 ? "" : $"; {account.Missed} more were gone before it was known whether it wanted them")}{(state.LastError is { } error ? $"; last error: {Printable.Line(error)}" : "")}"));
        foreach (var l in dead)
            around.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {l.EventId} {l.At.UtcDateTime:yyyy-MM-dd HH:mm:ss}Z {l.Type} {l.Workflow} {l.RunId}: {Printable.Line(l.Error)}"));
    }

    private static string Part(long of, string what) => of == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" ({of} {what})");

    private static void Write(DeadLetter l, bool body, CommandContext around) => JsonOut.Document(around.Out, w =>
    {
        w.WriteString("event_id", l.EventId);
        w.WriteString("sink", l.Sink);
        w.WriteString("type", l.Type);
        w.WriteString("at", JsonOut.Instant(l.At));
        w.WriteNumber("attempts", l.Attempts);
        w.WriteString("error", l.Error);
        if (l.HttpStatus is { } status) w.WriteNumber("http_status", status); else w.WriteNull("http_status");
        w.WriteString("host", l.Host);
        w.WriteString("stream", l.Stream);
        w.WriteNumber("seq", l.Seq);
        w.WriteString("run_id", l.RunId);
        w.WriteString("workflow", l.Workflow);
        w.WriteString("correlation_id", l.CorrelationId);
        if (body) w.WriteString("body", l.Body);
    });
}
