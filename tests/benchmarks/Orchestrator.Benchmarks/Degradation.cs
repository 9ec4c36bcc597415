using System.Globalization;
using Microsoft.AspNetCore.Http;
using Orchestrator.TestKit.Http;
using Orchestrator.TestKit.Links;
using Orchestrator.TestKit.RabbitMq;

namespace Orchestrator.Benchmarks;

/// <summary>
/// What it costs runs when somebody who is told of them is ill: for each of collector, webhook receiver and broker, a served program whose receiver is well against one whose
/// receiver is refused, slow, hanging or flapping; runs of 20 shell tasks in a row, one at a time, from the submission to the end as a subscriber hears of it.
/// </summary>
internal static class Degradation
{
    private const int Tasks = 20;
    private static readonly TimeSpan Flap = TimeSpan.FromMilliseconds(250);

    public static async Task RunAsync(string folder, string program, int pairs, int runs, string only)
    {
        await using var report = new Pairs("degradation", folder);
        Console.WriteLine($"runs:    {runs} of {Tasks} tasks in a sample; wall and CPU of a run, ill to well, and what became of what was told");
        foreach (var whom in (string[])["collector", "webhook", "broker"])
            foreach (var ill in (string[])["refused", "slow", "hanging", "flapping"])
                if ($"{whom} {ill}".Contains(only, StringComparison.Ordinal)) await CellAsync(report, folder, program, pairs, runs, whom, ill);
    }

    private static async Task CellAsync(Pairs report, string folder, string program, int pairs, int runs, string whom, string ill)
    {
        await using var well = await ServedAsync(folder, program, whom);
        await using var sick = await ServedAsync(folder, program, whom);
        using var flapping = new CancellationTokenSource();
        sick.Link.Become(ill switch { "refused" => LinkFault.Refused, "slow" => LinkFault.Slow, "hanging" => LinkFault.Hanging, _ => LinkFault.None });
        var flaps = ill == "flapping" ? FlapAsync(sick.Link, flapping.Token) : Task.CompletedTask;
        await report.RowAsync($"{whom} {ill}", pairs, () => sick.Program.MeasureAsync(runs), () => well.Program.MeasureAsync(runs), async () =>
        {
            await flapping.CancelAsync();
            await flaps;
            return $"ill: {await sick.Program.AccountAsync(whom == "collector")}; well: {await well.Program.AccountAsync(whom == "collector")}";
        });
    }

    private static async Task FlapAsync(FaultyLink link, CancellationToken stop)
    {
        using var next = new PeriodicTimer(Flap);
        try
        {
            while (await next.WaitForNextTickAsync(stop)) link.Become(link.Fault == LinkFault.None ? LinkFault.Refused : LinkFault.None);
        }
        catch (OperationCanceledException)
        {
            // It was to flap for as long as the measurement.
        }
    }

    private static async Task<Scene> ServedAsync(string folder, string program, string whom)
    {
        IAsyncDisposable receiver;
        int port;
        Func<string, Dictionary<string, string>> settings;
        switch (whom)
        {
            case "broker":
                var broker = await RabbitMqServer.StartAsync();
                await BoundQueue.DeclareAsync(broker.Uri, "orchestrator", "all", "#");
                (receiver, port) = (broker, new Uri(broker.Uri).Port);
                settings = at => new() { ["Orchestrator__RabbitMq__Uri"] = $"amqp://guest:guest@{at}/" };
                break;
            case "webhook":
                var site = await LoopbackSite.StartAsync(http => LoopbackSite.TextAsync(http, StatusCodes.Status204NoContent, ""));
                (receiver, port) = (site, new Uri(site.Url).Port);
                settings = at => new()
                {
                    ["Orchestrator__Webhooks__AllowedNetworks"] = "127.0.0.0/8", ["Orchestrator__Webhooks__Attempts"] = "6",
                    ["Orchestrator__Webhooks__Endpoints__ops__Url"] = $"http://{at}/", ["Orchestrator__Webhooks__Endpoints__ops__Events"] = "workflow.*,task.*",
                };
                break;
            default:
                var sink = await OtlpSink.StartAsync(0, hangs: false);
                (receiver, port) = (sink, new Uri(sink.Urls.First()).Port);
                settings = at => new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = $"http://{at}", ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf", ["OTEL_METRIC_EXPORT_INTERVAL"] = "5000" };
                break;
        }
        var link = FaultyLink.To(port);
        return new(receiver, link, await ServedProgram.StartAsync(folder, program, Tasks, settings(string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{link.Port}"))));
    }

    private sealed record Scene(IAsyncDisposable Receiver, FaultyLink Link, ServedProgram Program) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Program.DisposeAsync();
            await Link.DisposeAsync();
            await Receiver.DisposeAsync();
        }
    }
}
