using System.CommandLine;
using Orchestrator.AspNetCore;
using Orchestrator.Worker.Commands.Output;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Commands.Serving;

/// <summary>
/// <c>orchestrator health</c>: asks the `serve` of a data directory whether it takes work. For images and machines without a program that speaks HTTP.
/// </summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    public static Command Create(CommonOptions common, CommandContext around)
    {
        var live = new Option<bool>("--live") { Description = "Check only that it is alive (/healthz), not that it accepts work (/readyz)." };
        var verb = new Verb("health", "Ask the `serve` of this data directory whether it accepts work. Exit code 0: it does; 5: it does not, or there is none.")
        {
            Examples = [("orchestrator health", "for a container's health check"), ("orchestrator health --live --json", "while it recovers or drains")],
        };
        verb.Options.Add(live);
        verb.SetAction((parsed, stop) => AskAsync(common.Load(parsed, around), parsed.GetValue(live) ? "/healthz" : "/readyz", parsed.GetValue(common.Json), around, stop));
        return verb;
    }

    private static async Task<int> AskAsync(Settings settings, string path, bool json, CommandContext around, CancellationToken stop)
    {
        var holder = ServeLock.HolderOf(settings.Store)
            ?? throw new CommandFailure(ExitCode.Unavailable, $"No `orchestrator serve` answers for {settings.DataDirectory}: none runs, or it is starting.");
        var url = new Uri(Reachable(new(holder.Url)), path);
        var (healthy, said) = await AnswerAsync(url, stop);
        if (json)
            JsonOut.Document(around.Out, w =>
            {
                w.WriteString("status", healthy ? "ok" : "unavailable");
                w.WriteString("reason", said);
                w.WriteString("url", url.ToString());
                w.WriteNumber("pid", holder.Pid);
            });
        else if (healthy) around.Out.WriteLine($"ok: {url}");
        else around.Error.WriteLine($"error: {url} is unavailable: {said}");
        return healthy ? ExitCode.Ok : ExitCode.Unavailable;
    }

    private static async Task<(bool Healthy, string? Said)> AnswerAsync(Uri url, CancellationToken stop)
    {
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(url, stop);
            if (answer.IsSuccessStatusCode) return (true, null);
            var health = answer.Content.Headers.ContentType?.MediaType == "application/json" ? await answer.Content.ReadFromJsonAsync(ApiJson.Default.Health, stop) : null;
            return (false, health?.Reason ?? $"it answered {(int)answer.StatusCode}");
        }
        catch (HttpRequestException e)
        {
            return (false, e.Message);
        }
        catch (TaskCanceledException) when (!stop.IsCancellationRequested)
        {
            return (false, $"it did not answer within {Patience.TotalSeconds:0} s");
        }
    }

    // An address that means all addresses of the machine cannot be called.
    private static Uri Reachable(Uri bound) => bound.Host is "0.0.0.0" or "[::]" or "+" or "*" ? new UriBuilder(bound) { Host = "127.0.0.1" }.Uri : bound;
}
