using System.Runtime.Versioning;
using Orchestrator.Engine.Executors.Process;
using Shouldly;
using Xunit;

namespace Orchestrator.Engine.Tests.Executors;

[SupportedOSPlatform("linux")]
public sealed class KnownProgramTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("programs-").FullName;
    private readonly KnownPrograms _programs = new();

    [Fact]
    public void A_program_that_moved_to_another_folder_of_the_path_is_found_again()
    {
        var path = $"{_folder}/a:{_folder}/b";
        var first = Install("a");
        _programs.Find("tool", path, "/").ShouldBe(first);

        File.Delete(first);
        var second = Install("b");

        _programs.Find("tool", path, "/").ShouldBe(second);
    }

    [Fact]
    public void A_relative_folder_of_the_path_is_looked_up_from_each_tasks_own_directory()
    {
        var first = Install("a/bin");
        var second = Install("b/bin");

        _programs.Find("tool", "bin", $"{_folder}/a").ShouldBe(first);
        _programs.Find("tool", "bin", $"{_folder}/b").ShouldBe(second);
    }

    [Fact]
    public void A_program_that_is_gone_is_not_found()
    {
        File.Delete(Install("a"));

        _programs.Find("tool", $"{_folder}/a", "/").ShouldBeNull();
    }

    private string Install(string folder)
    {
        var file = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName, "tool");
        File.WriteAllText(file, "#!/bin/sh\n");
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return file;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
