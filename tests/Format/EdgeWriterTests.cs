using System.Runtime.InteropServices;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Format;

/// <summary>A file is written whole or not at all.</summary>
public sealed class EdgeWriterTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("edge-writer-tests").FullName;

    private static EdgeModel Model => new(SmallModels.Rich(), SmallModels.Metadata);

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public void An_existing_file_is_replaced_and_nothing_else_is_left()
    {
        string path = Path.Combine(folder, "m.edge");
        File.WriteAllText(path, "old");
        EdgeWriter.Write(path, Model);
        Assert.Equal(EdgeWriter.ToArray(Model), File.ReadAllBytes(path));
        Assert.Equal([path], Directory.GetFiles(folder));
    }

    [Fact]
    public void A_model_can_be_written_over_the_file_it_is_mapped_from()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Windows does not replace mapped files.");
        string path = Path.Combine(folder, "m.edge");
        EdgeWriter.Write(path, Model);
        using EdgeModel mapped = EdgeReader.Read(path);
        EdgeWriter.Write(path, mapped);
        Assert.Equal(EdgeWriter.ToArray(Model), File.ReadAllBytes(path));
        Assert.Equal(EdgeWriter.ToArray(Model), EdgeWriter.ToArray(mapped));
    }

    [Fact]
    public void A_link_stays_a_link()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Links need rights on Windows.");
        string target = Path.Combine(folder, "real.edge"), link = Path.Combine(folder, "link.edge");
        File.CreateSymbolicLink(link, target);
        EdgeWriter.Write(link, Model);
        Assert.NotNull(new FileInfo(link).LinkTarget);
        Assert.Equal(EdgeWriter.ToArray(Model), File.ReadAllBytes(target));
    }

    [Fact]
    public void A_missing_folder_is_named()
    {
        string path = Path.Combine(folder, "none", "m.edge");
        EdgeException error = Refused(path);
        Assert.Contains(path, error.Problem);
        Assert.Contains("folder", error.Remedy);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_folder_is_not_written_over()
    {
        Refused(folder);
        Assert.Empty(Directory.GetFileSystemEntries(folder));
    }

    [Fact]
    public void A_read_only_folder_is_left_alone()
    {
        if (OperatingSystem.IsWindows()) Assert.Skip("Folders have no write permission of this kind on Windows.");
        if (Environment.IsPrivilegedProcess) Assert.Skip("The superuser may write everywhere; run as another user.");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        Assert.Contains("may write", Refused(Path.Combine(folder, "m.edge")).Remedy);
    }

    [Fact]
    public void A_full_disk_leaves_nothing_behind()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) Assert.Skip("Mounting a small disk takes Linux and the superuser.");
        const int NoExec = 8;
        if (Native.Mount("tmpfs", folder, "tmpfs", NoExec, "size=64k") != 0) Assert.Skip($"A small disk cannot be mounted here (errno {Marshal.GetLastPInvokeError()}).");
        try
        {
            string path = Path.Combine(folder, "m.edge");
            File.WriteAllText(path, "old");
            var graph = new EdgeRuntime.Graphs.GraphBuilder("large");
            // Zeros would be compressed.
            var noise = new Tensor(new TensorType(DataType.U8, 1 << 20));
            new Random(1).NextBytes(noise.View.Bytes);
            graph.Output("y", graph.Constant("w", noise));
            EdgeException error = Assert.Throws<EdgeException>(() => EdgeWriter.Write(path, new EdgeModel(graph.Build(), new ModelMetadata())));
            Assert.Equal(ErrorCode.CannotWrite, error.Code);
            Assert.Contains("room", error.Remedy);
            Assert.Equal([path], Directory.GetFiles(folder));
            Assert.Equal("old", File.ReadAllText(path));
        }
        finally
        {
            Assert.Equal(0, Native.Unmount(folder, 0));
        }
    }

    private static EdgeException Refused(string path)
    {
        EdgeException error = Assert.Throws<EdgeException>(() => EdgeWriter.Write(path, Model));
        Assert.Equal(ErrorCode.CannotWrite, error.Code);
        return error;
    }

    private static class Native
    {
        [DllImport("libc", EntryPoint = "mount", SetLastError = true, CharSet = CharSet.Ansi)]
        public static extern int Mount(string source, string target, string type, nuint flags, string data);

        [DllImport("libc", EntryPoint = "umount2", SetLastError = true, CharSet = CharSet.Ansi)]
        public static extern int Unmount(string target, int flags);
    }
}
