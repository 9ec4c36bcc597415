using System.CommandLine;
using Orchestrator.Core.Lifecycle;
using Orchestrator.Core.Runs;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands;

/// <summary><c>orchestrator events</c>: a run's lifecycle events, one envelope a line.</summary>
internal static class EventsCommand
{
    public static Command Create(CommonOptions common, Surroundings around)
    {
        var run = new Argument<string>("RUN") { Description = "A run's id, or the beginning of it." };
        var follow = new Option<bool>("--follow", "-f") { Description = "Wait for further events until the run ends." };
        var verb = new Verb("events", "Print a run's lifecycle events, one JSON envelope a line.")
        {
            Examples =
            [
                ("orchestrator events 019a3c5e", "all events so far"),
                ("orchestrator events 019a3c5e --follow | jq -r .type", "as they happen"),
            ],
        };
        verb.Arguments.Add(run);
        verb.Options.Add(follow);
        verb.SetAction(async (parsed, stop) =>
        {
            var lookup = new RunSearch(common.Load(parsed, around));
            var view = await lookup.ViewAsync(parsed.GetValue(run)!, stop);
            EnvelopeProjection? projection = null;
            if (parsed.GetValue(follow)) await foreach (var recorded in lookup.Archive.FollowAsync(view.RunId, stop)) Print(recorded);
            else foreach (var recorded in await lookup.Archive.ReadAsync(view.RunId, stop)) Print(recorded);
            return ExitCode.Ok;

            void Print(RecordedEvent recorded)
            {
                projection ??= lookup.Archive.Envelopes(view.RunId, [recorded]);
                around.Out.WriteLine(EnvelopeJson.Write(projection.Next(recorded), recorded.Stream));
            }
        });
        return verb;
    }
}
