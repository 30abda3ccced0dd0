using System.IO.Compression;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Evaluation;
using Xunit;

namespace EdgeRuntime.Tests.Evaluation;

public class NumpyFileTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void Arrays_are_read_with_their_types_and_shapes()
    {
        Tensor one = Assert.Single(NumpyFile.Read(Put("x.npy", Array("<f4", "(2, 1)", [0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0])))).Value;
        Assert.Equal(new TensorType(DataType.F32, 2, 1), one.Type);
        Assert.Equal([1f, -2f], one.Span<float>().ToArray());
        IReadOnlyDictionary<string, Tensor> both = NumpyFile.Read(Archive(("a", Array("|u1", "(3,)", [1, 2, 3])), ("b", Array("<i8", "()", [7, 0, 0, 0, 0, 0, 0, 0], version: 2))));
        Assert.Equal([1, 2, 3], both["a"].Span<byte>().ToArray());
        Assert.Equal(7, both["b"].Span<long>()[0]);
        Assert.Equal(0, both["b"].Shape.Rank);
    }

    [Fact]
    public void What_is_written_is_read()
    {
        foreach (Tensor tensor in (Tensor[])[Tensor.From<float>(new Shape(2, 3), 1, 2, 3, 4, 5, float.NaN), Tensor.Scalar(7L), Tensor.From<sbyte>(new Shape(0, 2)), Tensor.From<byte>(new Shape(1, 1, 1, 1, 1, 1, 3), 1, 2, 3), Tensor.From(new Shape(2), true, false)])
        {
            string path = Path.Combine(folder.Path, "written.npy");
            NumpyFile.Write(path, tensor.View);
            Tensor read = NumpyFile.Read(path)["written"];
            Assert.Equal(tensor.Type, read.Type);
            Assert.Equal(tensor.View.Bytes, read.View.Bytes);
            Assert.Equal(0, (new FileInfo(path).Length - tensor.Type.ByteCount) % 64);
        }
    }

    [Theory]
    [InlineData("<f4", "(2,)", 4, "not all there")]
    [InlineData("<f4", "(-2,)", 4, "a dimension is -2")]
    [InlineData("<f4", "(2000000000, 2000000000)", 4, "claims more than")]
    [InlineData("<f4", "(1, 1, 1, 1, 1, 1, 1, 1, 1)", 4, "9 dimensions")]
    [InlineData(">f4", "(1,)", 4, "of a kind that is not read")]
    [InlineData("<c8", "(1,)", 8, "of the type 'c8'")]
    [InlineData("<f4", "(x,)", 4, "a dimension is x")]
    public void Arrays_that_are_wrong(string type, string shape, int bytes, string words) => Fails(Put("x.npy", Array(type, shape, new byte[bytes])), words);

    [Fact]
    public void Every_cut_is_an_error()
    {
        byte[] whole = Array("<f4", "(2,)", new byte[8]);
        for (int length = 0; length < whole.Length; length++) Fails(Put("x.npy", whole[..length]), "cannot be read as NumPy's");
        byte[] archive = File.ReadAllBytes(Archive(("a", whole)));
        for (int length = 0; length < archive.Length; length += 7) Fails(Put("x.npz", archive[..length]), "cannot be read as NumPy's");
        Fails(Archive(), "it holds no array");
        Fails(Put("x.npy", Encoding.Latin1.GetBytes(Encoding.Latin1.GetString(whole).Replace("False", "True ", StringComparison.Ordinal))), "by columns");
    }

    /// <summary>An array whose header is written by hand.</summary>
    internal static byte[] Array(string type, string shape, byte[] data, byte version = 1)
    {
        byte[] header = Encoding.ASCII.GetBytes($"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}\n");
        byte[] length = version == 1 ? [(byte)header.Length, 0] : [(byte)header.Length, 0, 0, 0];
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. header, .. data];
    }

    private string Archive(params (string Name, byte[] Bytes)[] arrays)
    {
        string path = Path.Combine(folder.Path, "x.npz");
        File.Delete(path);
        using ZipArchive archive = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach ((string name, byte[] bytes) in arrays)
        {
            using Stream entry = archive.CreateEntry(name + ".npy").Open();
            entry.Write(bytes);
        }
        return path;
    }

    private string Put(string name, byte[] bytes)
    {
        string path = Path.Combine(folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private static void Fails(string path, string words)
    {
        EdgeException error = Assert.Throws<EdgeException>(() => NumpyFile.Read(path));
        Assert.Equal(ErrorCode.CannotDecode, error.Code);
        Assert.Contains(words, error.Problem, StringComparison.Ordinal);
    }
}
