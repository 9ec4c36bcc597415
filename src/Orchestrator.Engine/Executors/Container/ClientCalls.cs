using Orchestrator.Engine.Executors.Process;

namespace Orchestrator.Engine.Executors.Container;

/// <summary>Short commands to a client, such as stop and rm. What they say is of no interest, and none takes for ever.</summary>
internal sealed class ClientCalls(ContainerClients clients, TimeProvider clock) : IDisposable
{
    private readonly Lazy<Readiness> _readiness = new(() => new());

    /// <summary>Whether the command ended well within the time; otherwise it has been killed.</summary>
    public async Task<bool> RunAsync(string client, string[] arguments, TimeSpan most)
    {
        if (Start(client, arguments, out var pid) != 0) return false;
        var child = ChildProcess.Watch(pid, _readiness.Value);
        await child.Exited.WaitAsync(most, clock).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!child.Exited.IsCompleted && child.TryHold())
        {
            child.SignalGroup(Libc.SignalKill);
            await child.Exited.WaitAsync(TimeSpan.FromSeconds(5), TimeProvider.System).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            child.Release();
            return false;
        }
        await child.Exited.ConfigureAwait(false);
        return child.Status.Code == 0;
    }

    public void Dispose()
    {
        if (_readiness.IsValueCreated) _readiness.Value.Dispose();
    }

    private int Start(string client, string[] arguments, out int pid)
    {
        using var block = new SpawnBlock();
        block.AddArgument(client);
        foreach (var argument in arguments) block.AddArgument(argument);
        foreach (var (name, value) in clients.OwnEnvironment()) block.AddVariable(name, value);
        return Spawner.Start(client, block, "/", ChildOutput.ToFile("/dev/null"), out pid);
    }
}
