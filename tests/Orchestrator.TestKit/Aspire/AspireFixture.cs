namespace Orchestrator.TestKit.Aspire;

/// <summary>One dashboard for all tests of an assembly, started when the first asks for it and ended with the assembly.</summary>
public sealed class AspireFixture : IAsyncDisposable
{
    private readonly Lazy<Task<AspireDashboard>> _dashboard = new(AspireDashboard.StartAsync);

    public Task<AspireDashboard> DashboardAsync() => _dashboard.Value;

    public async ValueTask DisposeAsync()
    {
        if (_dashboard.IsValueCreated) await (await _dashboard.Value).DisposeAsync();
    }
}
