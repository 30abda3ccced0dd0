using System.Buffers.Binary;

namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>A general register of x64, by its number. Only those are here that a function may use without saving them, on Windows and elsewhere, and the two that the first argument comes in.</summary>
internal enum Register
{
    Rax = 0,
    Rcx = 1,
    Rdx = 2,
    Rdi = 7,
    R8 = 8,
    R9 = 9,
    R10 = 10,
    R11 = 11,
}

/// <summary>A place in memory: base + index · scale + displacement.</summary>
/// <param name="Base">The register that is added to.</param>
/// <param name="Displacement">Bytes from there.</param>
/// <param name="Index">A register to add; null for none.</param>
/// <param name="Scale">1, 2, 4 or 8.</param>
internal readonly record struct Address(Register Base, int Displacement = 0, Register? Index = null, int Scale = 1);

/// <summary>
/// Writes the few instructions of x64 that our loops need, as bytes: moves and sums of 64-bit registers, and EVEX instructions on vectors, most of 512 bits. Encodings are those of Intel's manual, volume 2, chapter 2; the numbers
/// of opcodes stand at each instruction as the manual gives them.
/// </summary>
internal sealed class X64Assembler
{
    private const int Map0F = 1, Map0F38 = 2, Map0F3A = 3, Prefix66 = 1, PrefixF3 = 2, PrefixF2 = 3, Bits128 = 0, Bits256 = 1, Bits512 = 2, VectorBytes = 64;

    /// <summary>The only register of masks that is used.</summary>
    private const byte Mask = 1;

    private readonly List<byte> code = [];

    /// <summary>Bytes written until now; where the next instruction begins.</summary>
    public int Position => code.Count;

    /// <summary>The code.</summary>
    public byte[] ToArray() => [.. code];

    /// <summary>Where a function may begin: a multiple of 64 bytes. What is in between traps.</summary>
    public int Align()
    {
        while (Position % 64 != 0) code.Add(0xCC);
        return Position;
    }

    /// <summary>mov: reads 64 bits. REX.W 8B /r.</summary>
    public void Load(Register target, Address source) => General(0x8B, (int)target, source);

    /// <summary>mov: writes 64 bits. REX.W 89 /r.</summary>
    public void Store(Address target, Register source) => General(0x89, (int)source, target);

    /// <summary>add with 64 bits of memory. REX.W 03 /r.</summary>
    public void Add(Register target, Address source) => General(0x03, (int)target, source);

    /// <summary>cmp with 64 bits of memory: sets the zero flag where both are the same. REX.W 3B /r.</summary>
    public void Compare(Register left, Address right) => General(0x3B, (int)left, right);

    /// <summary>lea: target = the address itself. REX.W 8D /r.</summary>
    public void LoadAddress(Register target, Address source) => General(0x8D, (int)target, source);

    /// <summary>add with a constant. REX.W 81 /0 id.</summary>
    public void Add(Register target, int number) => Constant(0, target, number);

    /// <summary>sub with a constant, which sets the zero flag. REX.W 81 /5 id.</summary>
    public void Subtract(Register target, int number) => Constant(5, target, number);

    /// <summary>jnz: goes back to a position unless the last result was zero. 0F 85 cd.</summary>
    public void JumpIfNotZero(int position)
    {
        code.AddRange([0x0F, 0x85]);
        Four(position - (Position + 4));
    }

    /// <summary>ret. C3.</summary>
    public void Return() => code.Add(0xC3);

    /// <summary>vzeroupper: vectors 0 to 15 leave no state behind that slows older instructions down. VEX.128.0F 77.</summary>
    public void ZeroUpper() => code.AddRange([0xC5, 0xF8, 0x77]);

    /// <summary>kmovd: the mask of <see cref="StoreBytes"/> = the lower half of rax. VEX.L0.F2.0F.W0 92 /r.</summary>
    public void SetMask() => code.AddRange([0xC5, 0xFB, 0x92, 0xC0 | Mask << 3]);

    /// <summary>vmovdqu32: reads 64 bytes. EVEX.512.F3.0F.W0 6F /r.</summary>
    public void LoadVector(int target, Address source) => Vector(Map0F, PrefixF3, 0x6F, target, 0, source, VectorBytes);

    /// <summary>vmovdqu32: writes 64 bytes. EVEX.512.F3.0F.W0 7F /r.</summary>
    public void StoreVector(Address target, int source) => Vector(Map0F, PrefixF3, 0x7F, source, 0, target, VectorBytes);

    /// <summary>vmovdqu8: writes the first 32, or 16, bytes, or those that the mask names. EVEX.256.F2.0F.W0 7F /r.</summary>
    public void StoreBytes(Address target, int source, int bytes, bool masked) => Vector(Map0F, PrefixF2, 0x7F, source, 0, target, bytes, bytes == 32 ? Bits256 : Bits128, masked ? Mask : 0);

    /// <summary>vextracti32x8: the upper 32 bytes. EVEX.512.66.0F3A.W0 3B /r ib.</summary>
    public void Upper(int target, int source) => Part(0x3B, target, source, 1);

    /// <summary>vextracti32x4: a quarter, from 0 on. EVEX.512.66.0F3A.W0 39 /r ib.</summary>
    public void Quarter(int target, int source, int quarter) => Part(0x39, target, source, quarter);

    /// <summary>vpbroadcastd: four bytes in all lanes. EVEX.512.66.0F38.W0 58 /r.</summary>
    public void Broadcast(int target, Address source) => Vector(Map0F38, Prefix66, 0x58, target, 0, source, sizeof(int));

    /// <summary>vpdpbusd: sums += products of four U8 and four I8 numbers in each lane, in 32 bits without saturation. EVEX.512.66.0F38.W0 50 /r.</summary>
    public void MultiplyAdd(int sums, int unsigned, int signed) => Vector(Map0F38, Prefix66, 0x50, sums, unsigned, signed);

    /// <summary>vcvtdq2ps: integers to floats, rounded. EVEX.512.0F.W0 5B /r.</summary>
    public void ToFloats(int target, int source) => Vector(Map0F, 0, 0x5B, target, 0, source);

    /// <summary>vcvtps2dq: floats to integers, rounded. EVEX.512.66.0F.W0 5B /r.</summary>
    public void ToIntegers(int target, int source) => Vector(Map0F, Prefix66, 0x5B, target, 0, source);

    /// <summary>vmulps: floats. EVEX.512.0F.W0 59 /r.</summary>
    public void Multiply(int target, int left, int right) => Vector(Map0F, 0, 0x59, target, left, right);

    /// <summary>vpackssdw: integers to 16 bits, saturated, in each quarter those of left and then those of right. EVEX.512.66.0F.W0 6B /r.</summary>
    public void PackShorts(int target, int left, int right) => Vector(Map0F, Prefix66, 0x6B, target, left, right);

    /// <summary>vpackuswb or vpacksswb: 16 bits to U8 or I8, saturated, in the same order. EVEX.512.66.0F.WIG 67 /r, 63 /r.</summary>
    public void PackBytes(int target, int left, int right, bool signed) => Vector(Map0F, Prefix66, signed ? (byte)0x63 : (byte)0x67, target, left, right);

    /// <summary>vpaddsw: sums of 16 bits, saturated. EVEX.512.66.0F.WIG ED /r.</summary>
    public void AddShorts(int target, int left, int right) => Vector(Map0F, Prefix66, 0xED, target, left, right);

    /// <summary>vpmaxsb or vpmaxub. EVEX.512.66.0F38.WIG 3C /r; EVEX.512.66.0F.WIG DE /r.</summary>
    public void Largest(int target, int left, Address right, bool signed) => Vector(signed ? Map0F38 : Map0F, Prefix66, signed ? (byte)0x3C : (byte)0xDE, target, left, right, VectorBytes);

    /// <summary>vpminsb or vpminub. EVEX.512.66.0F38.WIG 38 /r; EVEX.512.66.0F.WIG DA /r.</summary>
    public void Smallest(int target, int left, Address right, bool signed) => Vector(signed ? Map0F38 : Map0F, Prefix66, signed ? (byte)0x38 : (byte)0xDA, target, left, right, VectorBytes);

    /// <summary>vpermd: target[i] = source[order[i]]. EVEX.512.66.0F38.W0 36 /r.</summary>
    public void Permute(int target, int order, int source) => Vector(Map0F38, Prefix66, 0x36, target, order, source);

    private void General(byte opcode, int register, Address address)
    {
        code.Add((byte)(0x48 | register >> 3 << 2 | (int)(address.Index ?? 0) >> 3 << 1 | (int)address.Base >> 3));
        code.Add(opcode);
        Memory(register, address, 1);
    }

    private void Constant(int extension, Register target, int number)
    {
        code.AddRange([(byte)(0x48 | (int)target >> 3), 0x81, (byte)(0xC0 | extension << 3 | (int)target & 7)]);
        Four(number);
    }

    /// <summary>Vectors have 32 registers: of the number of the last one, two bits are in the prefix.</summary>
    private void Vector(int map, int prefix, byte opcode, int first, int second, int third)
    {
        Evex(map, prefix, first, second, third >> 3 & 1, third >> 4 & 1, Bits512, 0);
        code.Add(opcode);
        code.Add((byte)(0xC0 | (first & 7) << 3 | third & 7));
    }

    private void Vector(int map, int prefix, byte opcode, int first, int second, Address address, int unit, int length = Bits512, int mask = 0)
    {
        Evex(map, prefix, first, second, (int)address.Base >> 3, (int)(address.Index ?? 0) >> 3, length, mask);
        code.Add(opcode);
        Memory(first, address, unit);
    }

    /// <summary>What is taken out of a vector is the last operand here, and the vector the first.</summary>
    private void Part(byte opcode, int target, int source, int part)
    {
        Vector(Map0F3A, Prefix66, opcode, source, 0, target);
        code.Add((byte)part);
    }

    /// <summary>The four bytes that EVEX instructions begin with. The numbers of registers are inverted.</summary>
    private void Evex(int map, int prefix, int first, int second, int b, int x, int length, int mask)
    {
        code.Add(0x62);
        code.Add((byte)((~first >> 3 & 1) << 7 | (~x & 1) << 6 | (~b & 1) << 5 | (~first >> 4 & 1) << 4 | map));
        code.Add((byte)((~second & 15) << 3 | 4 | prefix));
        code.Add((byte)(length << 5 | (~second >> 4 & 1) << 3 | mask));
    }

    /// <summary>ModRM, SIB and displacement: none, one byte of units (those of EVEX are as long as what is read), or four bytes.</summary>
    private void Memory(int register, Address address, int unit)
    {
        (int at, int rest) = Math.DivRem(address.Displacement, unit);
        int mode = address.Displacement == 0 ? 0 : rest == 0 && at is >= sbyte.MinValue and <= sbyte.MaxValue ? 1 : 2;
        code.Add((byte)(mode << 6 | (register & 7) << 3 | (address.Index is null ? (int)address.Base & 7 : 4)));
        if (address.Index is { } index) code.Add((byte)(int.Log2(address.Scale) << 6 | ((int)index & 7) << 3 | (int)address.Base & 7));
        if (mode == 1) code.Add((byte)at);
        else if (mode == 2) Four(address.Displacement);
    }

    private void Four(int number)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        code.AddRange(bytes);
    }
}
