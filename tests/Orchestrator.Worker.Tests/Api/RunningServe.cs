using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Local;
using Orchestrator.Worker.Options;

namespace Orchestrator.Worker.Tests.Api;

/// <summary>A real `serve` in this process: real journal, engine and Kestrel on a free port.</summary>
internal sealed class RunningServe : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private RunningServe(Task running, ServeHolder holder, CancellationTokenSource stop)
    {
        (_running, _stop, Holder) = (running, stop, holder);
        Http = new(new Contract.DescribedAnswers()) { BaseAddress = new(holder.Url) };
    }

    public ServeHolder Holder { get; }

    public HttpClient Http { get; }

    public static async Task<RunningServe> StartAsync(Sandbox box, params (string Key, string Value)[] settings)
    {
        Directory.CreateDirectory(box.PathOf("config/workflows"));
        var pairs = string.Join(",", settings.Append(("Url", "http://127.0.0.1:0")).Select(s => $"\"{s.Item1}\":\"{s.Item2}\""));
        box.Write("config/appsettings.json", $"{{\"Orchestrator\":{{\"Api\":{{{pairs}}}}}}}");
        var ready = new TaskCompletionSource<ServeHolder>(TaskCreationOptions.RunContinuationsAsynchronously);
        var stop = new CancellationTokenSource();
        var host = new ServeHost(Settings.Load(null, null, box.Root), box.Environment, "1.0.0", TextWriter.Null);
        var running = Task.Run(() => host.RunAsync(ready.SetResult, stop.Token));
        await await Task.WhenAny(ready.Task, running);
        return new(running, await ready.Task.WaitAsync(TestContext.Current.CancellationToken), stop);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Http.Dispose();
        _stop.Dispose();
    }
}
