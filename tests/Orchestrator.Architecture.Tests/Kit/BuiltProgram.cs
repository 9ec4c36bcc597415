using System.Diagnostics;

namespace Orchestrator.Architecture.Tests.Kit;

/// <summary>The program as built beside the tests.</summary>
internal static class BuiltProgram
{
    public static Task<string> HelpAsync(string verb) => OutputAsync(verb, "--help");

    /// <summary>Standard output of a call that must succeed.</summary>
    public static async Task<string> OutputAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
            [Path.Combine(AppContext.BaseDirectory, "orchestrator.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true, WorkingDirectory = Repository.Root,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        process.ExitCode.ShouldBe(0, $"orchestrator {string.Join(' ', arguments)}: {await errors}{output}");
        return output;
    }
}
