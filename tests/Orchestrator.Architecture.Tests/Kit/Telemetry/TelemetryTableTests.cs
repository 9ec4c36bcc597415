namespace Orchestrator.Architecture.Tests.Kit.Telemetry;

/// <summary>The table of names is what the program has.</summary>
public sealed class TelemetryTableTests
{
    public const string Command = "WRITE_TELEMETRY_TABLE=1 dotnet run --project tests/Orchestrator.Architecture.Tests -- -class \"*TelemetryTableTests\"";

    [Fact]
    public void The_table_is_what_the_program_says_of_itself()
    {
        var (text, missing) = TelemetryTable.Write();
        missing.ShouldBeEmpty("a name without a meaning helps nobody: write down what is missing, then run the command in the first lines of the file");
        // The one thing these tests take from their environment: whether the file is to be written.
#pragma warning disable RS0030
        if (Environment.GetEnvironmentVariable("WRITE_TELEMETRY_TABLE") == "1") File.WriteAllText(Repository.At(TelemetryTable.File), text);
#pragma warning restore RS0030
        Repository.Read(TelemetryTable.File).ShouldBe(text, $"names have changed; write the table anew: {Command}");
    }
}
