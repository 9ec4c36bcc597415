using System.Text;
using Orchestrator.Engine.Files;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>The file of a `script` task: readable and executable by us only, since its text may hold substituted values.</summary>
internal static class ScriptFile
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    public static void Write(Disk disk, string path, string text)
    {
        if (OperatingSystem.IsWindows()) throw new PlatformNotSupportedException("Process tasks need Linux.");
        DurableFolder.MakeOnly(disk, Path.GetDirectoryName(path)!);
        File.Delete(path);   // a repeated attempt after a crash: the old file may still be running somewhere
        using var file = new FileStream(path, new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, UnixCreateMode = OwnerOnly });
        file.Write(Encoding.UTF8.GetBytes(text));
    }
}
