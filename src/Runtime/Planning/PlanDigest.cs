using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EdgeRuntime.Planning;

/// <summary>By what measurements of a whole plan are known: its steps, what they read and write, and the types; weights do not matter.</summary>
internal static class PlanDigest
{
    /// <summary>Number of digits.</summary>
    public const int Length = 64;

    /// <summary>Hexadecimal digits.</summary>
    public static string Of(ExecutionPlan plan)
    {
        var text = new StringBuilder(plan.Name);
        foreach (PlanSlot slot in plan.Slots)
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{slot.Kind} {slot.Storage} {slot.Type.DataType} {slot.Type.Shape}");
            if (slot.Type.Quantization is { } quantization) text.Append(CultureInfo.InvariantCulture, $" {quantization.Scales.Length} {quantization.Axis}");
        }
        foreach (PlanStep step in plan.Steps)
            text.Append(CultureInfo.InvariantCulture, $"\n{step.Name} {step.Operator} {string.Join(' ', step.Inputs)} > {string.Join(' ', step.Outputs)}");
        foreach (PlanPort port in plan.Inputs.Concat(plan.Outputs)) text.Append(CultureInfo.InvariantCulture, $"\n{port.Slot}");
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
