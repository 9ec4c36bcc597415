using System.CommandLine;
using Orchestrator.Engine.Telemetry.Tracing.Scripts;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands.Spans;

/// <summary><c>orchestrator span</c>: a script within a task adds spans and events to the task's trace. Whatever goes wrong, the script goes on.</summary>
internal static class SpanCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var span = new Verb("span", "Within a task: add your own spans to the task's trace. A problem is a warning with exit code 0: it fails no script.")
        {
            Examples =
            [
                ("id=$(orchestrator span start compile --attribute target=release)", "begin a span below the task's process"),
                ("orchestrator span event cache.miss --span $id", "something happened within it"),
                ("orchestrator span end $id --status error --message \"no space left\"", "end it as failed"),
            ],
        };
        span.Subcommands.Add(Start(common, around));
        span.Subcommands.Add(End(around));
        span.Subcommands.Add(Event(around));
        return span;
    }

    private static Verb Start(CommonOptions common, CommandContext around)
    {
        var name = new Argument<string>("NAME") { Description = "What is done, in few distinct names: details belong in attributes." };
        var parent = new Option<string?>("--parent") { Description = "Id of the span it lies within (default: the one in TRACEPARENT).", HelpName = "ID" };
        var attributes = Attributes();
        var verb = new Verb("start", "Begin a span and print its id.")
        {
            Examples = [("id=$(orchestrator span start load)", "keep the id for the end"), ("orchestrator span start part --parent $id", "a span within a span")],
        };
        verb.Arguments.Add(name);
        verb.Options.Add(parent);
        verb.Options.Add(attributes);
        verb.SetAction(parsed =>
        {
            var notes = new ScriptNotes(around);
            var id = ScriptNotes.NewId();
            notes.Write(new()
            {
                Op = ScriptSpanLine.Start, Id = id, Parent = parsed.GetValue(parent) ?? notes.Ambient, Name = parsed.GetValue(name), Time = around.Clock.GetUtcNow(),
                Attributes = notes.Read(parsed.GetValue(attributes)),
            });
            if (!parsed.GetValue(common.Json)) around.Out.WriteLine(id);
            else
                JsonOut.Document(around.Out, w =>
                {
                    w.WriteString("span_id", id);
                    if (notes.TraceParentOf(id) is { } context) w.WriteString("traceparent", context);
                });
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb End(CommandContext around)
    {
        var id = new Argument<string>("ID") { Description = "What `span start` printed." };
        var status = new Option<string>("--status") { Description = "ok or error (default: ok).", HelpName = "STATUS", DefaultValueFactory = _ => "ok" }.AcceptOnlyFromAmong("ok", "error");
        var message = new Option<string?>("--message") { Description = "What went wrong; makes it an error.", HelpName = "TEXT" };
        var attributes = Attributes();
        var verb = new Verb("end", "End a span.")
        {
            Examples = [("orchestrator span end $id", "it went well"), ("orchestrator span end $id --status error --message \"exit code 3\"", "it did not")],
        };
        verb.Arguments.Add(id);
        foreach (var option in new Option[] { status, message, attributes }) verb.Options.Add(option);
        verb.SetAction(parsed =>
        {
            var notes = new ScriptNotes(around);
            notes.Write(new()
            {
                Op = ScriptSpanLine.End, Id = parsed.GetValue(id), Time = around.Clock.GetUtcNow(), Message = parsed.GetValue(message),
                Failed = parsed.GetValue(status) == "error" || parsed.GetValue(message) is not null, Attributes = notes.Read(parsed.GetValue(attributes)),
            });
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Verb Event(CommandContext around)
    {
        var name = new Argument<string>("NAME") { Description = "What happened." };
        var of = new Option<string?>("--span") { Description = "Id of the span it happened in (default: the one in TRACEPARENT, at first the task's process).", HelpName = "ID" };
        var attributes = Attributes();
        var verb = new Verb("event", "Record that something happened.") { Examples = [("orchestrator span event cache.miss --attribute key=users", "an event on the process's span")] };
        verb.Arguments.Add(name);
        verb.Options.Add(of);
        verb.Options.Add(attributes);
        verb.SetAction(parsed =>
        {
            var notes = new ScriptNotes(around);
            notes.Write(new()
            {
                Op = ScriptSpanLine.Moment, Id = parsed.GetValue(of) ?? notes.Ambient, Name = parsed.GetValue(name), Time = around.Clock.GetUtcNow(),
                Attributes = notes.Read(parsed.GetValue(attributes)),
            });
            return ExitCode.Ok;
        });
        return verb;
    }

    private static Option<string[]> Attributes() => new("--attribute", "-a")
    {
        Description = "An attribute, NAME=VALUE: a number or boolean where it is one, else text. May be given several times.", HelpName = "NAME=VALUE", AllowMultipleArgumentsPerToken = false,
    };
}
