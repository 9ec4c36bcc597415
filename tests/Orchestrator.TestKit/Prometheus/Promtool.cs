using System.Diagnostics;

namespace Orchestrator.TestKit.Prometheus;

/// <summary>Debian's promtool, which comes with Prometheus.</summary>
public static class Promtool
{
    /// <summary>Runs it, with text on its standard input where given: exit code and everything it said.</summary>
    public static async Task<(int ExitCode, string Said)> RunAsync(string? input, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("promtool", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var said = process.StandardOutput.ReadToEndAsync();
        var complained = process.StandardError.ReadToEndAsync();
        if (input is not null) await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return (process.ExitCode, await said + await complained);
    }
}
