using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;

namespace Orchestrator.Benchmarks;

/// <summary>The reference of row 15: the least web host of the framework, started, listening and stopped.</summary>
internal static class SlimHost
{
    public static async Task StartAndStopAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        await using var app = builder.Build();
        app.MapGet("/", () => "ok");
        await app.StartAsync();
        await app.StopAsync();
    }
}
