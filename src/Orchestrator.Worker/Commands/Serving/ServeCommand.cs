using System.CommandLine;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Serving;

/// <summary>
/// <c>orchestrator serve</c>: schedules, API and recovery, until SIGTERM or Ctrl-C; or, with <c>--once</c>, until what is due has run.
/// </summary>
internal static class ServeCommand
{
    public static Command Create(CommonOptions common, CommandContext around)
    {
        var once = new Option<bool>("--once") { Description = "Check all schedules once, run what is due or unfinished, and exit. For cron." };
        var listen = new Option<bool>("--listen") { Description = "With --once: serve the HTTP API meanwhile." };
        var verb = new Verb("serve", "Run schedules, serve the HTTP API and take over interrupted runs, until SIGTERM or Ctrl-C.")
        {
            Examples =
            [
                ("orchestrator serve", "config/appsettings.json, ./data, http://127.0.0.1:8080"),
                ("orchestrator serve --data /var/lib/orchestrator --config /etc/orchestrator/appsettings.json", "as a service"),
                ("orchestrator serve --once", "from cron, each minute: run what is due, then exit"),
            ],
        };
        verb.Options.Add(once);
        verb.Options.Add(listen);
        verb.Validators.Add(result =>
        {
            if (result.GetValue(listen) && !result.GetValue(once)) result.AddError("--listen belongs to --once: without it the API is served anyway.");
        });
        verb.SetAction((parsed, stop) => parsed.GetValue(once)
            ? new ServeOnce(common.Load(parsed, around), parsed.GetValue(common.Json), around).RunAsync(parsed.GetValue(listen), stop)
            : ServeAsync(common.Load(parsed, around), parsed.GetValue(common.Json), around, stop));
        return verb;
    }

    private static async Task<int> ServeAsync(Settings settings, bool json, CommandContext around, CancellationToken stop)
    {
        await new ServeHost(settings, around.Environment, ProductVersion.Text, around.Error).RunAsync(holder =>
        {
            if (json)
                JsonOut.Document(around.Out, w =>
                {
                    w.WriteNumber("pid", holder.Pid);
                    w.WriteString("url", holder.Url);
                    w.WriteString("socket", holder.Socket);
                    w.WriteString("data", settings.DataDirectory);
                });
            else
                around.Out.WriteLine($"Listening on {holder.Url}. Stop with Ctrl-C.");
        }, stop);
        return ExitCode.Ok;
    }
}
