namespace EdgeRuntime.Backends.Cpu.MachineCode;

/// <summary>Writes the functions of <see cref="VnniTaps"/>, one for each kind of result and number of vectors. Each takes the address of a <see cref="VnniTaps.Call"/>.</summary>
internal static class VnniTapsEmitter
{
    /// <summary>Vectors: 8 sums, one of weights, two of numbers.</summary>
    private const int FirstSum = 16, Weights = 24, Numbers = 25;

    /// <summary>Where the fields of a call are.</summary>
    private const int AtQuads = 0, AtApart = 8, AtOffsets = 16, AtOffsetsEnd = 24, AtWeights = 32, AtStart = 40, AtScales = 48, AtRange = 56, AtTarget = 64, AtNext = 72, AtGroups = 80;

    /// <summary>Bytes of a vector.</summary>
    private const int Vector = 64;

    /// <summary>The number of a function.</summary>
    public static int Number(VnniResult result, int vectors) => (int)result * VnniTaps.Vectors + vectors - 1;

    /// <summary>Writes all functions and returns where each begins.</summary>
    /// <param name="code">Where to write.</param>
    /// <param name="call">What the first argument comes in.</param>
    public static int[] Emit(X64Assembler code, Register call)
    {
        var entries = new List<int>();
        foreach (VnniResult result in Enum.GetValues<VnniResult>())
            for (int vectors = 1; vectors <= VnniTaps.Vectors; vectors++)
            {
                entries.Add(code.Align());
                Emit(code, call, vectors, result);
            }
        return [.. entries];
    }

    /// <summary>sums[v, n] = start[n] + sum over taps of quads[tap, v, n] * weights[tap, n].</summary>
    private static void Emit(X64Assembler code, Register call, int vectors, VnniResult result)
    {
        const Register Offset = Register.Rax, Weight = Register.R9, Range = Register.Rax, First = Register.R10;
        var bytes = new VnniBytes(code, FirstSum, 1);
        if (result != VnniResult.Sums)
        {
            code.Load(Range, new Address(call, AtRange));
            code.Load(First, new Address(call, AtScales));
            bytes.Load(Range, First);
        }

        int group = code.Position;
        code.Load(First, new Address(call, AtStart));
        for (int i = 0; i < vectors; i++) code.LoadVector(FirstSum + i, new Address(First));
        Steps(code, call, AtApart);
        code.Load(Weight, new Address(call, AtWeights));
        code.Load(Offset, new Address(call, AtOffsets));

        int tap = code.Position;
        code.Load(First, new Address(Offset));
        code.Add(First, new Address(call, AtQuads));
        code.LoadAddress(Register.R11, new Address(First, 0, Register.R8));
        code.LoadVector(Weights, new Address(Weight));
        for (int i = 0; i < vectors; i++)
        {
            code.LoadVector(Numbers + i % 2, Place(i));
            code.MultiplyAdd(FirstSum + i, Numbers + i % 2, Weights);
        }
        code.Add(Weight, Vector);
        code.Add(Offset, sizeof(long));
        code.Compare(Offset, new Address(call, AtOffsetsEnd));
        code.JumpIfNotZero(tap);

        code.Load(First, new Address(call, AtTarget));
        if (result == VnniResult.Sums)
        {
            for (int i = 0; i < vectors; i++) code.StoreVector(new Address(First, Vector * i), FirstSum + i);
            code.Return();
            return;
        }
        Steps(code, call, AtNext);
        code.LoadAddress(Register.R11, new Address(First, 0, Register.R8));
        code.Load(Range, new Address(call, AtRange));
        bytes.Write(Range, vectors, result == VnniResult.I8, masked: false, Place);
        if (vectors == VnniTaps.Vectors)
        {
            code.LoadAddress(First, new Address(First, 0, Register.Rdx, VnniTaps.Vectors));
            code.Store(new Address(call, AtTarget), First);
            code.Load(First, new Address(call, AtQuads));
            code.Load(Register.Rdx, new Address(call, AtApart));
            code.LoadAddress(First, new Address(First, 0, Register.Rdx, VnniTaps.Vectors));
            code.Store(new Address(call, AtQuads), First);
            code.Load(First, new Address(call, AtGroups));
            code.Subtract(First, 1);
            code.Store(new Address(call, AtGroups), First);
            code.JumpIfNotZero(group);
        }
        code.ZeroUpper();
        code.Return();
    }

    /// <summary>rdx = a step, r8 = three of them.</summary>
    private static void Steps(X64Assembler code, Register call, int step)
    {
        code.Load(Register.Rdx, new Address(call, step));
        code.LoadAddress(Register.R8, new Address(Register.Rdx, 0, Register.Rdx, 2));
    }

    /// <summary>Where the one of so many steps is: r10 is the first, r11 the fourth.</summary>
    private static Address Place(int steps) => steps switch
    {
        0 => new Address(Register.R10),
        1 or 2 or 4 => new Address(Register.R10, 0, Register.Rdx, steps),
        3 or 6 => new Address(Register.R10, 0, Register.R8, steps / 3),
        _ => new Address(Register.R11, 0, Register.Rdx, steps - 3),
    };
}
