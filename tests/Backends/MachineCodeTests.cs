using EdgeRuntime.Backends.Cpu.Kernels;
using EdgeRuntime.Backends.Cpu.MachineCode;
using Xunit;

namespace EdgeRuntime.Tests.Backends;

/// <summary>Machine code that is written at run time: its encoding, as other assemblers have it, and that it is used only where it is right. What it computes, <see cref="ByteProductTests"/> compares with definitions.</summary>
public class MachineCodeTests
{
    private static readonly Address Ninth = new(Register.R9, 128);

    public static TheoryData<string, string> Encodings { get; } = new()
    {
        { "mov rdx, [rdi + 8]", "48 8B 57 08" },
        { "mov r8, [rcx + 64]", "4C 8B 41 40" },
        { "lea r11, [rax + 2 rdx]", "4C 8D 1C 50" },
        { "vmovdqu32 zmm29, [r8 + 64]", "62 41 7E 48 6F 68 01" },
        { "vmovdqu32 [rax + 640], zmm16", "62 E1 7E 48 7F 40 0A" },
        { "vmovdqu8 [r11 + 2 rdx] {k1}, ymm0", "62 D1 7F 29 7F 04 53" },
        { "vmovdqu8 [rax] {k1}, xmm17", "62 E1 7F 09 7F 08" },
        { "vpbroadcastd zmm31, [r11 + rdx]", "62 42 7D 48 58 3C 13" },
        { "vpdpbusd zmm27, zmm31, zmm28", "62 02 05 40 50 DC" },
        { "vcvtdq2ps zmm16, zmm16", "62 A1 7C 48 5B C0" },
        { "vcvtps2dq zmm17, zmm17", "62 A1 7D 48 5B C9" },
        { "vmulps zmm16, zmm16, zmm28", "62 81 7C 40 59 C4" },
        { "vpackssdw zmm16, zmm16, zmm17", "62 A1 7D 40 6B C1" },
        { "vpackuswb zmm16, zmm16, zmm18", "62 A1 7D 40 67 C2" },
        { "vpacksswb zmm16, zmm16, zmm18", "62 A1 7D 40 63 C2" },
        { "vpaddsw zmm16, zmm16, zmm31", "62 81 7D 40 ED C7" },
        { "vpmaxub zmm16, zmm16, [r9 + 128]", "62 C1 7D 40 DE 41 02" },
        { "vpmaxsb zmm16, zmm16, [r9 + 128]", "62 C2 7D 40 3C 41 02" },
        { "vpminub zmm16, zmm16, [r9 + 128]", "62 C1 7D 40 DA 41 02" },
        { "vpminsb zmm16, zmm16, [r9 + 128]", "62 C2 7D 40 38 41 02" },
        { "vpermd zmm16, zmm30, zmm16", "62 A2 0D 40 36 C0" },
        { "vextracti32x8 ymm0, zmm16, 1", "62 E3 7D 48 3B C0 01" },
        { "vextracti32x4 xmm0, zmm16, 3", "62 E3 7D 48 39 C0 03" },
        { "vmovdqu8 [r10 + 4 rdx], xmm17", "62 C1 7F 08 7F 0C 92" },
        { "mov [rdi + 64], r10", "4C 89 57 40" },
        { "add r10, [rcx]", "4C 03 11" },
        { "cmp rax, [rdi + 24]", "48 3B 47 18" },
        { "kmovd k1, eax", "C5 FB 92 C8" },
        { "vzeroupper", "C5 F8 77" },
    };

    [Theory]
    [MemberData(nameof(Encodings))]
    public void Instructions_are_encoded_as_others_encode_them(string instruction, string bytes)
    {
        var code = new X64Assembler();
        switch (instruction)
        {
            case "mov rdx, [rdi + 8]": code.Load(Register.Rdx, new Address(Register.Rdi, 8)); break;
            case "mov r8, [rcx + 64]": code.Load(Register.R8, new Address(Register.Rcx, 64)); break;
            case "lea r11, [rax + 2 rdx]": code.LoadAddress(Register.R11, new Address(Register.Rax, 0, Register.Rdx, 2)); break;
            case "vmovdqu32 zmm29, [r8 + 64]": code.LoadVector(29, new Address(Register.R8, 64)); break;
            case "vmovdqu32 [rax + 640], zmm16": code.StoreVector(new Address(Register.Rax, 640), 16); break;
            case "vmovdqu8 [r11 + 2 rdx] {k1}, ymm0": code.StoreBytes(new Address(Register.R11, 0, Register.Rdx, 2), 0, 32, masked: true); break;
            case "vmovdqu8 [rax] {k1}, xmm17": code.StoreBytes(new Address(Register.Rax), 17, 16, masked: true); break;
            case "vpbroadcastd zmm31, [r11 + rdx]": code.Broadcast(31, new Address(Register.R11, 0, Register.Rdx)); break;
            case "vpdpbusd zmm27, zmm31, zmm28": code.MultiplyAdd(27, 31, 28); break;
            case "vcvtdq2ps zmm16, zmm16": code.ToFloats(16, 16); break;
            case "vcvtps2dq zmm17, zmm17": code.ToIntegers(17, 17); break;
            case "vmulps zmm16, zmm16, zmm28": code.Multiply(16, 16, 28); break;
            case "vpackssdw zmm16, zmm16, zmm17": code.PackShorts(16, 16, 17); break;
            case "vpackuswb zmm16, zmm16, zmm18": code.PackBytes(16, 16, 18, false); break;
            case "vpacksswb zmm16, zmm16, zmm18": code.PackBytes(16, 16, 18, true); break;
            case "vpaddsw zmm16, zmm16, zmm31": code.AddShorts(16, 16, 31); break;
            case "vpmaxub zmm16, zmm16, [r9 + 128]": code.Largest(16, 16, Ninth, false); break;
            case "vpmaxsb zmm16, zmm16, [r9 + 128]": code.Largest(16, 16, Ninth, true); break;
            case "vpminub zmm16, zmm16, [r9 + 128]": code.Smallest(16, 16, Ninth, false); break;
            case "vpminsb zmm16, zmm16, [r9 + 128]": code.Smallest(16, 16, Ninth, true); break;
            case "vpermd zmm16, zmm30, zmm16": code.Permute(16, 30, 16); break;
            case "vextracti32x8 ymm0, zmm16, 1": code.Upper(0, 16); break;
            case "vextracti32x4 xmm0, zmm16, 3": code.Quarter(0, 16, 3); break;
            case "vmovdqu8 [r10 + 4 rdx], xmm17": code.StoreBytes(new Address(Register.R10, 0, Register.Rdx, 4), 17, 16, masked: false); break;
            case "mov [rdi + 64], r10": code.Store(new Address(Register.Rdi, 64), Register.R10); break;
            case "add r10, [rcx]": code.Add(Register.R10, new Address(Register.Rcx)); break;
            case "cmp rax, [rdi + 24]": code.Compare(Register.Rax, new Address(Register.Rdi, 24)); break;
            case "kmovd k1, eax": code.SetMask(); break;
            case "vzeroupper": code.ZeroUpper(); break;
            default: Assert.Fail(instruction); break;
        }
        Assert.Equal(bytes, BitConverter.ToString(code.ToArray()).Replace('-', ' '));
    }

    [Fact]
    public void Long_displacements_take_four_bytes()
    {
        var code = new X64Assembler();
        code.LoadVector(16, new Address(Register.R8, 4));
        code.LoadVector(16, new Address(Register.R8, 64 * 128));
        Assert.Equal("62C17E486F8004000000" + "62C17E486F8000200000", Convert.ToHexString(code.ToArray()));
    }

    [Fact]
    public void Loops_go_back_to_where_they_began()
    {
        var code = new X64Assembler();
        code.Add(Register.R8, 128);
        int loop = code.Position;
        code.Subtract(Register.R9, 1);
        code.JumpIfNotZero(loop);
        code.Return();
        Assert.Equal("4981C080000000" + "4981E901000000" + "0F85F3FFFFFF" + "C3", Convert.ToHexString(code.ToArray()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Functions_begin_on_lines_of_their_own_and_end_with_a_return(bool windows)
    {
        (byte[] code, int[] tiles, int[] taps) = VnniCode.Emit(windows);
        int[] entries = [.. tiles, .. taps];
        Assert.Equal(3 * VnniTile.Rows * 2, tiles.Length);
        Assert.Equal(3 * VnniTaps.Vectors, taps.Length);
        Assert.All(entries, entry => Assert.Equal(0, entry % 64));
        Assert.All(entries.Append(code.Length).Skip(1), end => Assert.Equal(0xC3, code.AsSpan(0, end).TrimEnd((byte)0xCC)[^1]));
        // The first instruction reads a field of what the first argument points to.
        Assert.All(entries, entry => Assert.Contains(Convert.ToHexString(code, entry, 3), windows ? (string[])["488B01", "488B41", "4C8B51"] : ["488B07", "488B47", "4C8B57"]));
        Assert.Equal(Enumerable.Range(0, taps.Length), from result in Enum.GetValues<VnniResult>() from vectors in Enumerable.Range(1, VnniTaps.Vectors) select VnniTapsEmitter.Number(result, vectors));
        Assert.Equal(Enumerable.Range(0, tiles.Length), from result in Enum.GetValues<VnniResult>() from rows in Enumerable.Range(1, VnniTile.Rows) from vectors in (int[])[1, 2] select VnniTileEmitter.Number(result, rows, vectors));
    }

    [Fact]
    public void Code_that_is_placed_runs() => Assert.Equal(!OperatingSystem.IsLinux() && !OperatingSystem.IsWindows() || System.Runtime.InteropServices.RuntimeInformation.ProcessArchitecture != System.Runtime.InteropServices.Architecture.X64 ? 0 : 42, Answer());

    [Fact]
    public void The_path_is_there_where_the_code_is() => Assert.Equal(VnniCode.IsSupported, ProductPaths.Supported.Contains(ProductPath.QuadsVnni512));

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(128)]
    [InlineData(301)]
    public void Products_of_ones_are_counted(int quads)
    {
        if (VnniCode.IsSupported) Assert.Equal((long)quads * 4 * VnniTile.Rows * VnniTile.Width, VnniTile.Count(quads));
    }

    /// <summary>mov eax, 42; ret.</summary>
    private static unsafe int Answer()
    {
        nint function = ExecutableMemory.Place([0xB8, 42, 0, 0, 0, 0xC3]);
        return function == 0 ? 0 : ((delegate* unmanaged[Cdecl]<int>)function)();
    }
}
