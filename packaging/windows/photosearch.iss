; Inno Setup 6: iscc /DVersion=0.1.0 packaging\windows\photosearch.iss  →  dist\PhotoSearch-0.1.0-setup.exe
#define Name "PhotoSearch"

[Setup]
AppId={{6B8B0C0E-53B1-4C0A-9D58-4B8E5D7D5C11}
AppName={#Name}
AppVersion={#Version}
AppPublisher=The PhotoSearch authors
DefaultDirName={autopf}\{#Name}
DefaultGroupName={#Name}
; For the person who installs it; no administrator is needed.
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
SourceDir=..\..\dist
OutputDir=.
OutputBaseFilename=PhotoSearch-{#Version}-setup
SetupIconFile=..\build\packages\photosearch\icons\photosearch.ico
UninstallDisplayIcon={app}\PhotoSearchWindow.exe
LicenseFile=..\LICENSE
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern
; A window that is open would keep its files from being replaced.
CloseApplications=yes
#ifdef Signed
SignTool=signtool
#endif

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "de"; MessagesFile: "compiler:Languages\German.isl"

[CustomMessages]
en.FindSimilar=Find similar photos
de.FindSimilar=Ähnliche Fotos suchen
en.Autostart=Follow changes from the start of Windows on
de.Autostart=Änderungen ab dem Start von Windows folgen
en.Menu=Add “Find similar photos” to the menu of photos
de.Menu=„Ähnliche Fotos suchen“ in das Menü von Fotos aufnehmen
en.Stays=PhotoSearch is removed; your photos are as they were. What it wrote of its own stays in %1. Delete that folder if you do not want it.
de.Stays=PhotoSearch ist entfernt; Ihre Fotos sind, wie sie waren. Seine eigenen Dateien bleiben in %1. Löschen Sie den Ordner, wenn Sie ihn nicht wollen.

[Tasks]
Name: "menu"; Description: "{cm:Menu}"
Name: "autostart"; Description: "{cm:Autostart}"; Flags: unchecked

[Files]
Source: "photosearch\*"; DestDir: "{app}"; Flags: recursesubdirs ignoreversion

[InstallDelete]
; What an older version had and this one has not.
Type: filesandordirs; Name: "{app}\_internal"

[Icons]
Name: "{group}\{#Name}"; Filename: "{app}\PhotoSearchWindow.exe"

[Registry]
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\image\shell\PhotoSearch"; ValueType: string; ValueData: "{cm:FindSimilar}"; Flags: uninsdeletekey; Tasks: menu
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\image\shell\PhotoSearch"; ValueType: string; ValueName: "Icon"; ValueData: "{app}\PhotoSearchWindow.exe"; Tasks: menu
Root: HKA; Subkey: "Software\Classes\SystemFileAssociations\image\shell\PhotoSearch\command"; ValueType: string; ValueData: """{app}\PhotoSearchWindow.exe"" ""%1"""; Tasks: menu
Root: HKA; Subkey: "Software\Microsoft\Windows\CurrentVersion\App Paths\photosearch.exe"; ValueType: string; ValueData: "{app}\photosearch.exe"; Flags: uninsdeletekey
Root: HKCU; Subkey: "Software\Microsoft\Windows\CurrentVersion\Run"; ValueType: string; ValueName: "PhotoSearch"; ValueData: """{app}\photosearch.exe"" watch"; Flags: uninsdeletevalue; Tasks: autostart

[Run]
Filename: "{app}\PhotoSearchWindow.exe"; Description: "{cm:LaunchProgram,{#Name}}"; Flags: nowait postinstall skipifsilent

[Code]
procedure CurUninstallStepChanged(Step: TUninstallStep);
begin
  if (Step = usPostUninstall) and not UninstallSilent then
    MsgBox(FmtMessage(CustomMessage('Stays'), [ExpandConstant('{localappdata}\photosearch')]), mbInformation, MB_OK);
end;
