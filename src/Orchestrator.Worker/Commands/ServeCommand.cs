using System.CommandLine;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Worker.Commands;

/// <summary><c>orchestrator serve</c>: schedules, API and recovery, until SIGTERM or Ctrl-C.</summary>
internal static class ServeCommand
{
    public static Command Create(CommonOptions common, Surroundings around)
    {
        var verb = new Verb("serve", "Run schedules, serve the HTTP API, and carry on what died, until SIGTERM or Ctrl-C.")
        {
            Examples =
            [
                ("orchestrator serve", "config/appsettings.json, ./data, http://127.0.0.1:8080"),
                ("orchestrator serve --data /var/lib/orchestrator --config /etc/orchestrator/appsettings.json", "as a service"),
            ],
        };
        verb.SetAction((parsed, stop) => ServeAsync(common.Load(parsed, around), parsed.GetValue(common.Json), around, stop));
        return verb;
    }

    private static async Task<int> ServeAsync(Settings settings, bool json, Surroundings around, CancellationToken stop)
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
