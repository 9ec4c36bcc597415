using Shouldly;

namespace Orchestrator.Conformance.Harness;

/// <summary>What every error a person sees has in common.</summary>
internal static class Expect
{
    /// <summary>Ended with this code; on failure everything it said is shown.</summary>
    public static Finished Exits(this Finished finished, int code)
    {
        finished.ExitCode.ShouldBe(code, finished.ToString());
        return finished;
    }

    /// <summary>Whether a process still does anything. What nobody has reaped yet is dead all the same.</summary>
    public static bool IsAlive(string pid)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{pid.Trim()}/stat");
            return stat[stat.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException) { return false; }
    }

    /// <summary>A clear error: the code, all the words, and no stack trace.</summary>
    public static Finished Refuses(this Finished finished, int code, params string[] words)
    {
        finished.Exits(code);
        var said = finished.Errors + finished.Output;
        foreach (var word in words) said.ShouldContain(word, Case.Insensitive, finished.ToString());
        said.ShouldNotContain("   at ", Case.Sensitive, finished.ToString());
        said.ShouldNotContain("Exception", Case.Sensitive, finished.ToString());
        return finished;
    }
}
