using Orchestrator.Engine.Posix;

namespace Orchestrator.Engine.Executors.Process;

/// <summary>Says what an error number of posix_spawn means here. It is one number for several steps, so the likely ones are looked at again.</summary>
internal static class SpawnFailure
{
    public static string Explain(int error, ProcessLaunch launch)
    {
        if (!Directory.Exists(launch.Directory))
            return $"The working directory '{launch.Directory}' does not exist: create it or correct `working_dir`.";
        if (FileCalls.Access(launch.Directory, FileCalls.Executable) != 0)
            return $"The working directory '{launch.Directory}' cannot be entered: this user needs the execute permission on it.";
        return error switch
        {
            Libc.NotFound or Libc.NotDirectory when !File.Exists(launch.Program) =>
                $"The program '{launch.Program}' does not exist: install it or correct the path.",
            Libc.NotFound when CarriageReturns.In(launch.Program) is { } returns => returns,
            Libc.NotFound when Interpreter(launch.Program) is { } interpreter =>
                $"The interpreter '{interpreter}' named by the first line of '{launch.Program}' does not exist: install it or correct that line.",
            Libc.NotFound => $"The program '{launch.Program}' exists, but its loader or the task's log folder does not.",
            Libc.AccessDenied when Directory.Exists(launch.Program) => $"'{launch.Program}' is a folder, not a program.",
            Libc.AccessDenied => $"The program '{launch.Program}' may not be executed: give it the execute permission (chmod +x), and look whether its file system is mounted noexec.",
            Libc.NotExecutable => $"The program '{launch.Program}' has a format this machine cannot execute: a script must begin with '#!' and its interpreter.",
            Libc.TooBig => $"The arguments and environment of '{launch.Program}' are too large for the kernel: pass large values in a file.",
            Libc.TryAgain or Libc.NoMemory => $"The machine has no memory or no process left to start '{launch.Program}' (see ulimit -u): lower the number of parallel tasks.",
            Libc.TooManyFiles => $"This program has too many open files to start '{launch.Program}' (see ulimit -n): raise the limit or lower the number of parallel tasks.",
            Libc.TextBusy => $"The program '{launch.Program}' is being written to: retry when that is done.",
            _ => $"The program '{launch.Program}' could not be started (error {error}: {new System.ComponentModel.Win32Exception(error).Message}).",
        };
    }

    private static string? Interpreter(string program) => FileHead.Read(program) is { } head ? ProgramSearch.InterpreterOf(head) : null;
}
