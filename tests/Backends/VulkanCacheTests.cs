using EdgeRuntime.Backends.Vulkan;
using EdgeRuntime.Planning;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>The file of compiled kernels: what fits is used, anything else counts as absent and is replaced.</summary>
public class VulkanCacheTests
{
    private static readonly byte[] Uuid = [.. Enumerable.Range(1, 16).Select(i => (byte)i)];

    [Fact]
    public void What_was_written_is_read()
    {
        using var folder = new TemporaryFolder();
        VulkanCacheFile file = Of(folder);
        Assert.Empty(file.Read());
        Assert.Null(file.Problem);
        file.Write(Data(1000));
        Assert.Equal(Data(1000), Of(folder).Read());
        file.Write(Data(500));
        Assert.Equal(Data(500), Of(folder).Read());
        Assert.Single(Directory.GetFiles(folder.Path, "*.pipelines"));
    }

    [Fact]
    public void What_is_damaged_or_cut_off_is_refused()
    {
        using var folder = new TemporaryFolder();
        VulkanCacheFile file = Of(folder);
        file.Write(Data(64));
        byte[] whole = File.ReadAllBytes(file.Path);
        for (int length = 0; length < whole.Length; length++) Refused(whole[..length]);
        Refused([.. whole, 0]);
        for (int at = 0; at < whole.Length; at++)
        {
            byte[] damaged = [.. whole];
            damaged[at] ^= 0x10;
            Refused(damaged);
        }

        void Refused(byte[] bytes)
        {
            File.WriteAllBytes(file.Path, bytes);
            VulkanCacheFile read = Of(folder);
            Assert.Empty(read.Read());
            Assert.Contains(file.Path, read.Problem);
        }
    }

    [Theory]
    [InlineData(0x10DEu, 2u, 3u, 1), InlineData(1u, 0x10DEu, 3u, 1), InlineData(1u, 2u, 0x10DEu, 1), InlineData(1u, 2u, 3u, 9)]
    public void What_is_for_another_device_or_driver_is_refused(uint vendor, uint device, uint driver, byte uuid)
    {
        using var folder = new TemporaryFolder();
        VulkanCacheFile file = Of(folder);
        file.Write(Data(100));
        var other = new VulkanCacheFile(folder.Path, vendor, device, driver, [uuid, .. Uuid[1..]]);
        if (other.Path != file.Path) File.Copy(file.Path, other.Path);
        Assert.Empty(other.Read());
        Assert.NotNull(other.Problem);
    }

    [Fact]
    public void Data_that_the_driver_meant_for_another_device_is_refused()
    {
        using var folder = new TemporaryFolder();
        byte[] data = Data(100);
        data[8] ^= 1;
        Of(folder).Write(data);
        Assert.Empty(Of(folder).Read());
    }

    [Fact]
    public void What_is_no_file_or_too_large_does_no_harm()
    {
        using var folder = new TemporaryFolder();
        VulkanCacheFile file = Of(folder);
        file.Write(new byte[VulkanCacheFile.MostBytes + 1]);
        Assert.False(File.Exists(file.Path));
        using (FileStream sparse = File.Create(file.Path)) sparse.SetLength(VulkanCacheFile.MostBytes + 1000L);
        Assert.Empty(file.Read());
        File.Delete(file.Path);
        Directory.CreateDirectory(file.Path);
        Assert.Empty(file.Read());
        file.Write(Data(100));
        Assert.NotNull(file.Problem);
    }

    [Theory]
    [InlineData(VulkanDrivers.Lavapipe), InlineData(VulkanDrivers.SwiftShader), InlineData(VulkanDrivers.Hardware)]
    public void A_second_start_finds_what_the_first_compiled(string driver)
    {
        using var folder = new TemporaryFolder();
        Assert.False(Run());
        string file = Assert.Single(Directory.GetFiles(folder.Path, "*.pipelines"));
        Assert.True(Run());
        byte[] damaged = File.ReadAllBytes(file);
        damaged[^1] ^= 1;
        File.WriteAllBytes(file, damaged);
        Assert.False(Run());
        Assert.True(Run());

        bool Run()
        {
            using VulkanBackend backend = VulkanBackend.Open(new VulkanOptions { Device = VulkanDrivers.Index(driver), CacheFolder = folder.Path, Validation = true });
            using ICompiledPlan plan = backend.Compile(SmallNetwork.Plan());
            plan.Run();
            Assert.Empty(backend.Messages);
            return backend.CacheLoaded;
        }
    }

    private static VulkanCacheFile Of(TemporaryFolder folder) => new(folder.Path, 1, 2, 3, Uuid);

    /// <summary>What a driver's data look like.</summary>
    private static byte[] Data(int length) => [32, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, .. Uuid, .. Enumerable.Range(0, length - 32).Select(i => (byte)(i * 7))];
}
